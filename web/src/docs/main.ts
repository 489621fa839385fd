import 'swagger-ui-dist/swagger-ui.css';
import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-bundle.js';
import { isFresh, readSession } from '../session/storedSession';
import { memory } from '../storage';
import { showContents } from './contents';
import { nameControls } from './accessibleNames';
import { followTheme } from './followTheme';
import { prefillUserId, type Document } from './prefillUserId';

/** The page at /docs: the prose is in it already, the operations of /openapi.json are made here. */

followTheme();
const session = readSession(memory);
const token = session?.tokens && isFresh(session.tokens, Date.now()) ? session.tokens.access : null;

/** What the page has a place for by itself, and a copy button inside another button, which no keyboard can reach. */
const without = { InfoContainer: none, ServersContainer: none, CopyToClipboardBtn: none };
function none() {
  return () => null;
}

async function show(list: HTMLElement): Promise<void> {
  const response = await fetch('/openapi.json');
  const document_ = (await response.json()) as Document;
  const ui = SwaggerUIBundle({
    spec: prefillUserId(document_, session?.user.id ?? null),
    domNode: list,
    // Its links would stand inside buttons.
    deepLinking: false,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    displayOperationId: false,
    // Its colours cannot be read by everybody.
    syntaxHighlight: false,
    persistAuthorization: false,
    validatorUrl: null,
    plugins: [{ wrapComponents: without }],
    onComplete() {
      if (token) ui.preauthorizeApiKey('session', token);
      showContents(document, document_.tags.map(({ name }) => name));
    },
  });
}

const who = document.getElementById('who');
if (who) {
  who.textContent =
    token && session
      ? `“Try it out” sends requests as ${session.user.email}, and changes that list. Open this page again when it says that the session has expired.`
      : 'Sign in on the page first and open this one again, or press Authorize and paste a token: then “Try it out” sends requests to this server.';
}
showContents(document, []);
for (const wide of document.querySelectorAll('.text pre, .text table')) wide.setAttribute('tabindex', '0');
const list = document.getElementById('operations-list');
if (list) {
  nameControls(list);
  show(list).catch(() => {
    list.textContent = 'The list of operations could not be loaded. Please load the page again.';
  });
}
