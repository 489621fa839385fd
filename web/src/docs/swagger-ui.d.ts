/** The part of Swagger UI's bundle that this page uses: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  interface SwaggerUi {
    preauthorizeApiKey(scheme: string, key: string): void;
  }
  interface Options {
    spec: object;
    domNode: HTMLElement;
    deepLinking: boolean;
    docExpansion: 'list' | 'full' | 'none';
    defaultModelsExpandDepth: number;
    displayOperationId: boolean;
    syntaxHighlight: boolean;
    persistAuthorization: boolean;
    validatorUrl: null;
    plugins: object[];
    onComplete(): void;
  }
  export default function SwaggerUIBundle(options: Options): SwaggerUi;
}
