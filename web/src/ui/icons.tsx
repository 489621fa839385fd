import type { ReactNode } from 'react';

/** Line icons on a 24 px grid; decoration only, so every use has a text beside it or a label. */
function icon(paths: ReactNode) {
  return function Icon({ className = 'size-5' }: { className?: string }) {
    return (
      <svg viewBox="0 0 24 24" className={className} fill="none" stroke="currentColor" strokeWidth={1.75} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        {paths}
      </svg>
    );
  };
}

export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h10" />);
export const NewChatIcon = icon(<path d="M12 4H7a3 3 0 0 0-3 3v10a3 3 0 0 0 3 3h10a3 3 0 0 0 3-3v-5M18.4 3.6a1.9 1.9 0 0 1 2.7 2.7L13 14.4l-3.6.9.9-3.6z" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const SearchIcon = icon(<path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4" />);
export const TrashIcon = icon(<path d="M4 7h16M10 11v6M14 11v6M6 7l1 12a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2l1-12M9 7V4h6v3" />);
export const MoreIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth={2.6} />);
export const SendIcon = icon(<path d="M12 19V5M6 11l6-6 6 6" strokeWidth={2.1} />);
export const StopIcon = icon(<rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" />);
export const CheckIcon = icon(<path d="M5 12.5l4.6 4.6L19 7.5" strokeWidth={2.4} />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const AgainIcon = icon(<path d="M20 11a8 8 0 1 0-2.3 6.2M20 5v6h-6" />);
export const CopyIcon = icon(<path d="M9 9h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2zM15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3" />);
export const DownIcon = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const ChevronIcon = icon(<path d="M9 6l6 6-6 6" />);
export const ChatIcon = icon(<path d="M20 12a7.5 7 0 0 1-11 6.2L4 20l1.5-4.2A7 7 0 1 1 20 12z" />);
export const ListIcon = icon(<path d="M10 6h10M10 12h10M10 18h10M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2" />);
export const PersonIcon = icon(<path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0" />);
export const WarnIcon = icon(<path d="M12 9v4M12 16.5h.01M10.4 4.6L3 18a1.8 1.8 0 0 0 1.6 2.6h14.8A1.8 1.8 0 0 0 21 18L13.6 4.6a1.8 1.8 0 0 0-3.2 0z" />);
export const PencilIcon = icon(<path d="M4 20l1-4L16.4 4.6a2 2 0 0 1 2.9 2.9L8 19z" />);
export const GripIcon = icon(<path d="M9 7h.01M15 7h.01M9 12h.01M15 12h.01M9 17h.01M15 17h.01" strokeWidth={2.4} />);
export const UndoIcon = icon(<path d="M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3" />);
export const RedoIcon = icon(<path d="M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h3" />);
