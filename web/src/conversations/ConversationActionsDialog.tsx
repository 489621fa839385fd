import { useState, type FormEvent } from 'react';
import { sentence } from '../api/apiErrors';
import { download, exportConversation, readWhole, type ExportFormat } from '../chat/exportConversation';
import { route } from '../page/route';
import { toast } from '../page/toasts';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { useConversationContext } from './conversationContext';

interface ConversationActionsDialogProps {
  id: string;
  title: string;
  onClose(): void;
  /** The conversation that was open has been deleted. */
  onGone(): void;
}

/** What one can do with one conversation: rename it, take it along, delete it. */
export function ConversationActionsDialog({ id, title, onClose, onGone }: ConversationActionsDialogProps) {
  const { conversations, conversationApi, retitle, drop } = useConversationContext();
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    await work().catch((error: unknown) => setProblem(sentence(error)));
    setBusy(false);
  };
  const rename = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get('title') ?? '').trim();
    if (!wanted) return;
    void attempt(async () => {
      await conversations.rename(id, wanted);
      retitle(id, wanted);
      onClose();
    });
  };
  const save = (format: ExportFormat) => attempt(async () => download(exportConversation(await readWhole(conversationApi, id), format)));
  const remove = () =>
    attempt(async () => {
      await conversations.remove(id);
      drop(id);
      onClose();
      toast('The conversation is deleted. Your tasks are still here.');
      if (route.get().conversation === id) onGone();
    });

  return (
    <Dialog title="Conversation" onClose={onClose}>
      <form onSubmit={rename} className="flex items-end gap-2">
        <Field label="Title" name="title" dir="auto" defaultValue={title} maxLength={255} required className="min-w-0 flex-1" />
        <Button kind="primary" type="submit" busy={busy} className="min-h-11">
          Rename
        </Button>
      </form>
      <h3 className="mt-6 text-small font-medium">Take it along</h3>
      <div className="mt-2 flex gap-2">
        <Button busy={busy} className="flex-1" onClick={() => void save('markdown')}>
          Markdown
        </Button>
        <Button busy={busy} className="flex-1" onClick={() => void save('json')}>
          JSON
        </Button>
      </div>
      <div className="mt-6 border-t border-line pt-5">
        {confirming ? (
          <div className="flex flex-wrap items-center gap-2">
            <p className="min-w-40 flex-1">Delete it with all its messages? Tasks stay.</p>
            <Button kind="quiet" onClick={() => setConfirming(false)}>
              Keep
            </Button>
            <Button kind="danger" autoFocus busy={busy} onClick={() => void remove()}>
              Delete
            </Button>
          </div>
        ) : (
          <Button kind="danger" className="w-full" onClick={() => setConfirming(true)}>
            Delete this conversation…
          </Button>
        )}
      </div>
      <p role="alert" className="mt-3 text-danger empty:hidden">
        {problem}
      </p>
    </Dialog>
  );
}
