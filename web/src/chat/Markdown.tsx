import { Lexer, type Token, type Tokens } from 'marked';
import remend from 'remend';
import { createElement, Fragment, memo, type ReactNode } from 'react';

/**
 * Markdown to React elements. marked only cuts the text into tokens; every element is made here, so there is
 * no HTML string anywhere, and HTML in the text is shown as the text it is. Finished blocks are not drawn again
 * while the answer grows.
 */
export const Markdown = memo(function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  const tokens = new Lexer({ gfm: true, breaks: true }).lex(growing ? remend(text) : text);
  return (
    <div className="prose wrap-anywhere">
      {tokens.map((token, index) => token.type !== 'space' && <Block key={index} token={token} />)}
    </div>
  );
});

const Block = memo(
  function Block({ token }: { token: Token }) {
    return <>{block(token)}</>;
  },
  (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type,
);

function block(token: Token): ReactNode {
  switch (token.type) {
    case 'heading':
      // The page has its own h1 and h2.
      return createElement(`h${Math.min(6, (token as Tokens.Heading).depth + 2)}`, { dir: 'auto' }, inline(token.tokens));
    case 'paragraph':
      return <p dir="auto">{inline(token.tokens)}</p>;
    case 'text':
    case 'checkbox':
      // So an item begins in a list without empty lines.
      return span(token);
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case 'blockquote':
      return <blockquote dir="auto">{blocks(token.tokens)}</blockquote>;
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'hr':
      return <hr />;
    case 'space':
    case 'def':
      return null;
    default:
      return token.raw;
  }
}

function blocks(tokens: Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{block(token)}</Fragment>);
}

function inline(tokens: Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{span(token)}</Fragment>);
}

function span(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens)}</strong>;
    case 'em':
      return <em>{inline(token.tokens)}</em>;
    case 'del':
      return <del>{inline(token.tokens)}</del>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return link(token.href, inline(token.tokens));
    case 'image':
      // A picture from elsewhere would tell its host who reads what: show where it is instead.
      return link(token.href, token.text || token.href);
    case 'checkbox':
      return <input type="checkbox" disabled checked={token.checked} aria-label={token.checked ? 'done' : 'not done'} readOnly />;
    case 'text':
      return token.tokens ? inline(token.tokens) : token.text;
    case 'escape':
      return token.text;
    default:
      return token.raw;
  }
}

function link(href: string, children: ReactNode): ReactNode {
  if (!/^(https?:|mailto:)/i.test(href)) return children;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function list(token: Tokens.List): ReactNode {
  // Models list tasks under their numbers, which need not count upwards: keep every number as it was written.
  const items = token.items.map((item, index) => (
    <li key={index} dir="auto" value={token.ordered ? Number.parseInt(item.raw, 10) || undefined : undefined}>
      {blocks(item.tokens)}
    </li>
  ));
  return token.ordered ? <ol dir="auto" start={Number(token.start) || 1}>{items}</ol> : <ul dir="auto">{items}</ul>;
}

function table(token: Tokens.Table): ReactNode {
  return (
    <div className="overflow-x-auto" tabIndex={0}>
      <table dir="auto">
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index}>{inline(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{inline(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
