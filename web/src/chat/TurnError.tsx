import { useEffect } from 'react';
import { ApiError, ConnectionLost, sentence, SignedOut } from '../api/apiErrors';
import { Button } from '../ui/Button';
import type { ChatController } from './chatController';
import { isPassing, isUndecided } from './turnErrors';

interface TurnErrorProps {
  problem: Error;
  controller: ChatController;
  onTakeBack(text: string): void;
}

/** What went wrong, in a sentence, and what one can do about it. Trying again never does anything twice. */
export function TurnError({ problem, controller, onTakeBack }: TurnErrorProps) {
  const passing = isPassing(problem);
  useEffect(() => {
    if (!passing) return;
    const retry = () => void controller.retry();
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [passing, controller]);

  const editable = controller.hasWords && !isUndecided(problem);
  return (
    <div role="alert" className="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl bg-danger-soft px-4 py-3">
      <p className="min-w-40 flex-1 text-ink">{words(problem)}</p>
      {!(problem instanceof SignedOut) && (
        <div className="flex gap-2">
          {editable && <Button onClick={() => onTakeBack(controller.takeBack())}>Edit</Button>}
          <Button onClick={() => void controller.retry()}>Try again</Button>
        </div>
      )}
    </div>
  );
}

function words(problem: Error): string {
  if (problem instanceof ConnectionLost) return 'The connection broke and could not be restored. The answer may be complete on the server.';
  if (problem instanceof ApiError && problem.retryAfter && problem.status === 429) {
    return `${problem.message} You can try again in ${problem.retryAfter} seconds.`;
  }
  return sentence(problem);
}
