import { useState, type FormEvent } from 'react';
import { deleteAccount } from '../api/account';
import { sentence } from '../api/problem';
import { useWorkspace } from '../shell/workspace';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';

/** Deletes everything, after asking for the password. */
export function DeleteAccount({ onClose, onBack }: { onClose(): void; onBack(): void }) {
  const { session, drafts } = useWorkspace();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    setBusy(true);
    try {
      await deleteAccount(session, password);
      drafts.clear();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title="Delete account" description="Your tasks, your conversations and your account are deleted at once and cannot be brought back." onClose={onClose}>
      <form method="post" onSubmit={submit} className="space-y-4">
        <Field label="Password" name="password" type="password" autoComplete="current-password" required autoFocus problem={problem} />
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
