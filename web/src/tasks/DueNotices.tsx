import { useEffect, useState } from 'react';
import { showView } from '../page/listView';
import { toast } from '../page/toasts';
import { useStore } from '../store';
import { useTaskContext } from './taskContext';
import { notify, watchDue } from './watchDue';

/** Says it when the time of a task comes while the page is open: in the page, and outside of it where that is allowed. */
export function DueNotices() {
  const { tasks: store, clock } = useTaskContext();
  const now = useStore(clock.now);
  const [notices] = useState(() =>
    // Not since now: this part of the page comes after the first ones.
    watchDue(clock.began, (task) => {
      toast(`Due now: “${task.title}”.`);
      notify(task, () => showView('today'));
    }),
  );
  useEffect(() => notices.look(store.view.get().tasks, now), [notices, store, now]);
  return null;
}
