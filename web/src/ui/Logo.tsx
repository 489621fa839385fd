import { CheckIcon } from './icons';

/** The mark of the page. */
export function Logo({ large = false }: { large?: boolean }) {
  return (
    <span className={`inline-grid shrink-0 place-items-center bg-accent text-on-accent ${large ? 'size-12 rounded-2xl' : 'size-7 rounded-lg'}`} aria-hidden="true">
      <CheckIcon className={large ? 'size-7' : 'size-4'} />
    </span>
  );
}
