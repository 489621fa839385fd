import { useState } from 'react';
import { updateAccount } from '../api/account';
import { sentence } from '../api/apiErrors';
import { ownTimeZone } from '../api/timeZone';
import type { User, WeekStart } from '../api/types';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { INPUT } from '../ui/Field';
import { Segments } from '../ui/Segments';

const WEEK_STARTS = [
  { value: 'monday', label: 'Monday' },
  { value: 'sunday', label: 'Sunday' },
  { value: 'saturday', label: 'Saturday' },
] as const;

/** The time zone that counts when no browser tells one, and the first day of the week; each is saved when it is chosen. */
export function RegionalSettings() {
  const { user, session } = useSession();
  const [chosen, setChosen] = useState(() => choicesOf(user));
  const save = (change: Partial<Choices>) => {
    setChosen((now) => ({ ...now, ...change }));
    updateAccount(session, change).then(
      (saved: User) => Object.assign(user, saved),
      (error: unknown) => {
        setChosen((now) => withdrawn(now, change, user));
        toast(sentence(error), { tone: 'problem' });
      },
    );
  };
  const here = ownTimeZone();
  const zones = new Set([...(here ? [here] : []), chosen.time_zone, 'UTC', ...Intl.supportedValuesOf('timeZone')]);

  return (
    <section aria-label="Time" className="space-y-3">
      <label className="block">
        <span className="mb-2 block text-small font-medium">Time zone</span>
        <select value={chosen.time_zone} className={INPUT} aria-describedby="time-zone-note" onChange={(event) => save({ time_zone: event.target.value })}>
          {[...zones].sort().map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      <p id="time-zone-note" className="text-small text-quiet">
        {here ? `This page goes by where your browser is: ${here.replaceAll('_', ' ')}.` : 'Days are those of this place.'}
      </p>
      <div>
        <h3 className="mb-2 text-small font-medium">Week begins on</h3>
        <Segments<WeekStart> label="Week begins on" value={chosen.week_start} options={WEEK_STARTS} onChange={(week_start) => save({ week_start })} />
      </div>
    </section>
  );
}

interface Choices {
  time_zone: string;
  week_start: WeekStart;
}

const choicesOf = (user: User): Choices => ({ time_zone: user.time_zone ?? 'UTC', week_start: user.week_start ?? 'monday' });

/** The choices when a change was refused: as they were before it, but for what was chosen since. */
function withdrawn(now: Choices, change: Partial<Choices>, user: User): Choices {
  const { time_zone, week_start } = choicesOf(user);
  return { ...now, ...(now.time_zone === change.time_zone && { time_zone }), ...(now.week_start === change.week_start && { week_start }) };
}
