/** Swagger UI leaves some of what it shows without a name or a role, which a screen reader then cannot say. */
const NAMES: [selector: string, name: string][] = [
  ['.examples-select-element', 'Example'],
  ['select.content-type, .content-type-wrapper select', 'Media type'],
  ['textarea.body-param__text', 'Body'],
  ['.parameters-col_description :is(select, input)', 'Value'],
  ['.auth-container input', 'Token'],
  ['.close-modal', 'Close'],
];

function amend(list: HTMLElement): void {
  for (const [selector, words] of NAMES) {
    for (const control of list.querySelectorAll(`:is(${selector}):not([aria-label])`)) {
      control.setAttribute('aria-label', control.closest('tr[data-param-name]')?.getAttribute('data-param-name') ?? words);
    }
  }
  // Two methods of one path would have the same name.
  for (const region of list.querySelectorAll('[role="region"]:not([aria-label])')) {
    region.setAttribute('aria-label', `Responses of ${region.closest('.opblock')?.id ?? 'the operation'}`);
  }
  for (const scrolled of list.querySelectorAll('pre:not([tabindex])')) scrolled.setAttribute('tabindex', '0');
  for (const dialog of list.querySelectorAll('.modal-ux:not([role])')) {
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-label', 'Available authorizations');
  }
  for (const heading of list.querySelectorAll('.auth-container :is(h2, h6):not([role])')) {
    heading.setAttribute('role', 'heading');
    heading.setAttribute('aria-level', '5');
  }
}

/** Amends it now and whenever something else appears. */
export function nameControls(list: HTMLElement): void {
  new MutationObserver(() => amend(list)).observe(list, { childList: true, subtree: true });
}
