import { useRef, useState, type ChangeEvent } from 'react';
import { exportAccount, importAccount } from '../api/accountArchive';
import { sentence } from '../api/apiErrors';
import { useConversationContext } from '../conversations/conversationContext';
import { newId } from '../newId';
import { saveFile } from '../page/saveFile';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { useTaskContext } from '../tasks/taskContext';
import { Button } from '../ui/Button';

/** Exports the account as a file, and imports such a file into an empty account. */
export function AccountData() {
  const { session, user } = useSession();
  const { tasks } = useTaskContext();
  const { conversations } = useConversationContext();
  const [busy, setBusy] = useState<'export' | 'import' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const attempt = async (what: 'export' | 'import', work: () => Promise<void>) => {
    setBusy(what);
    setProblem(null);
    await work().catch((error: unknown) => setProblem(sentence(error)));
    setBusy(null);
  };
  const takeAlong = () =>
    attempt('export', async () => saveFile(await exportAccount(session, user.id), `todo-chat-${new Date().toISOString().slice(0, 10)}.json`));
  const bringBack = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file may be chosen again.
    event.target.value = '';
    if (!file) return;
    void attempt('import', async () => {
      await importAccount(session, user.id, file, newId());
      await Promise.all([tasks.load('quietly'), conversations.load()]);
      toast('Everything in the file is here now.');
    });
  };

  return (
    <section aria-labelledby="data">
      <h3 id="data" className="mb-2 text-small font-medium">
        Your data
      </h3>
      <p className="mb-3 text-small text-quiet">Tasks, conversations and activity go along as one JSON file. It can be read into an account in which nothing is yet.</p>
      <div className="flex flex-wrap gap-2">
        <Button busy={busy === 'export'} onClick={() => void takeAlong()}>
          Export
        </Button>
        <Button busy={busy === 'import'} onClick={() => input.current?.click()}>
          {busy === 'import' ? 'Importing…' : 'Import a file…'}
        </Button>
        <input ref={input} type="file" accept="application/json,.json" aria-label="File to import" tabIndex={-1} className="hidden" onChange={bringBack} />
      </div>
      <p role="alert" className="mt-2 text-small text-danger empty:hidden">
        {problem}
      </p>
    </section>
  );
}
