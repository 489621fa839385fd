import { deleteAccount } from '../api/account';
import { useChatContext } from '../chat/chatContext';
import { useSession } from '../session/sessionContext';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { typed, useSubmit } from '../useSubmit';

/** Deletes everything, after asking for the password where there is one. */
export function DeleteAccount({ onClose, onBack }: { onClose(): void; onBack(): void }) {
  const { session } = useSession();
  const { drafts } = useChatContext();
  const hasPassword = session.person()?.has_password !== false;
  const { problem, busy, onSubmit } = useSubmit(async (fields) => {
    await deleteAccount(session, hasPassword ? typed(fields, 'password') : undefined);
    drafts.clear();
  });

  return (
    <Dialog title="Delete account" description="Your tasks, your conversations and your account are deleted at once and cannot be brought back." onClose={onClose}>
      <form method="post" onSubmit={onSubmit} className="space-y-4">
        {hasPassword ? (
          <Field label="Password" name="password" type="password" autoComplete="current-password" required autoFocus problem={problem} />
        ) : (
          <p role="alert" className="text-danger empty:hidden">
            {problem}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button kind="quiet" onClick={onBack}>
            Back
          </Button>
          <Button kind="danger" type="submit" busy={busy}>
            Delete everything
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
