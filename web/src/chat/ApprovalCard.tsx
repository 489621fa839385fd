import { useEffect, useId, useRef, useState } from 'react';
import type { Decision } from '../api/approvalApi';
import { sentence } from '../api/apiErrors';
import type { Approval, ApprovalState } from '../api/types';
import { announce } from '../page/announce';
import { Button } from '../ui/Button';

interface ApprovalCardProps {
  approval: Approval;
  onDecide(approval: Approval, decision: Decision): Promise<void>;
}

/** How a question stands, in words. */
const STATE_TEXTS: Record<Exclude<ApprovalState, 'waiting'>, string> = {
  approved: 'You said yes. It is done.',
  rejected: 'You said no. Nothing was done.',
  expired: 'This was not answered in time. Nothing was done.',
  void: 'A task was changed since, or another answer was given. Nothing was done; ask once more.',
};

const NAMED = 5;

/** What the assistant does only when the person says yes, with Yes and No. */
export function ApprovalCard({ approval, onDecide }: ApprovalCardProps) {
  const [busy, setBusy] = useState<Decision | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const state = useStateInTime(approval);
  const card = useRef<HTMLDivElement>(null);
  const id = useId();

  const decide = async (decision: Decision) => {
    if (busy) return;
    setBusy(decision);
    setProblem(null);
    await onDecide(approval, decision).catch((error: unknown) => setProblem(sentence(error)));
    setBusy(null);
    // The buttons are about to go.
    card.current?.focus();
  };
  const was = useRef(state);
  useEffect(() => {
    if (state !== was.current && state !== 'waiting') announce(STATE_TEXTS[state]);
    was.current = state;
  }, [state]);

  return (
    <div ref={card} role="group" aria-labelledby={id} tabIndex={-1} className="rounded-2xl border border-line bg-surface p-4 outline-offset-2">
      {approval.program && (
        <p className="text-small text-quiet wrap-anywhere">
          “<bdi>{approval.program}</bdi>” asks:
        </p>
      )}
      <p id={id} dir="auto" className="font-medium wrap-anywhere">
        {approval.sentence}
      </p>
      {state === 'waiting' && approval.tasks.length > 0 && <Tasks tasks={approval.tasks} />}
      {state === 'waiting' ? (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Button kind="primary" aria-describedby={id} aria-busy={busy === 'approve' || undefined} onClick={() => void decide('approve')}>
            Yes
          </Button>
          <Button aria-describedby={id} aria-busy={busy === 'reject' || undefined} onClick={() => void decide('reject')}>
            No
          </Button>
          {approval.expires_at && <p className="text-small text-quiet">{`You can answer until ${clockTime(approval.expires_at)}.`}</p>}
        </div>
      ) : (
        <p className="mt-2 text-small text-quiet">{STATE_TEXTS[state]}</p>
      )}
      <p role="alert" className="mt-2 text-small text-danger empty:hidden">
        {problem}
      </p>
    </div>
  );
}

/** The tasks it is about; of many the first, and the others when one asks. */
function Tasks({ tasks }: Pick<Approval, 'tasks'>) {
  const [all, setAll] = useState(tasks.length <= NAMED + 1);
  const shown = all ? tasks : tasks.slice(0, NAMED);
  return (
    <>
      <ul className="mt-2 space-y-0.5 text-small">
        {shown.map(({ id, title }) => (
          <li key={id} className="flex gap-3 wrap-anywhere">
            <span className="min-w-6 text-right text-quiet tabular-nums">{id}</span>
            <bdi>{title}</bdi>
          </li>
        ))}
      </ul>
      {!all && (
        <Button kind="quiet" className="mt-1 -ml-2 px-2! text-small!" onClick={() => setAll(true)}>
          {`Show ${tasks.length - NAMED} more`}
        </Button>
      )}
    </>
  );
}

/** How it stands, also when its time runs out while one looks at it. */
function useStateInTime({ state, expires_at }: Approval): ApprovalState {
  const left = expires_at ? Date.parse(expires_at) - Date.now() : Number.POSITIVE_INFINITY;
  const [, setOver] = useState(false);
  useEffect(() => {
    if (state !== 'waiting' || !Number.isFinite(left) || left <= 0) return;
    // A browser's timer holds 24 days at most.
    const timer = setTimeout(() => setOver(true), Math.min(left, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [state, expires_at]);
  return state === 'waiting' && left <= 0 ? 'expired' : state;
}

/** A time of day and, where it is not today's, the day. */
function clockTime(iso: string): string {
  const then = new Date(iso);
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString(undefined, { ...(isToday ? {} : { weekday: 'long' }), hour: 'numeric', minute: '2-digit' });
}
