/** As much of an OpenAPI document as this page touches. */
export interface Document {
  tags: { name: string }[];
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
}

interface Parameter {
  name: string;
  example?: string;
}

/** The document with the user's own id where a path wants one, so that nobody has to type it. */
export function prefillUserId(document: Document, user: string | null): Document {
  if (!user) return document;
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  for (const parameter of operations.flatMap(({ parameters }) => parameters ?? [])) {
    if (parameter.name === 'user_id') parameter.example = user;
  }
  return document;
}
