import { lazyModule } from '../lazyModule';

const reader = lazyModule(() => import('./Markdown'));

/** Fetches what reads Markdown: before the first answer is there, and after the page is. */
export const loadMarkdown = reader.load;

interface LazyMarkdownProps {
  text: string;
  /** More of it is on its way. */
  growing: boolean;
}

/** What the assistant says: Markdown, and its plain text until what reads Markdown is here. */
export function LazyMarkdown({ text, growing }: LazyMarkdownProps) {
  const late = reader.use(true);
  return late ? <late.Markdown text={text} growing={growing} /> : <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">{text}</p>;
}
