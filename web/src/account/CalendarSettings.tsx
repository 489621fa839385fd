import { useEffect, useState } from 'react';
import { hasCalendar, renewCalendar, turnOffCalendar } from '../api/calendar';
import { sentence } from '../api/apiErrors';
import { copyText } from '../page/copyText';
import { toast } from '../page/toasts';
import { useSession } from '../session/sessionContext';
import { Button } from '../ui/Button';
import { INPUT } from '../ui/Field';

/** The calendar address that other programs subscribe to: makes, copies, renews and removes it. */
export function CalendarSettings() {
  const { session, user } = useSession();
  const [active, setActive] = useState<boolean | null>(null);
  const [address, setAddress] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    hasCalendar(session, user.id).then(setActive, () => {});
  }, [session, user.id]);
  if (active === null) return null;

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    await work().catch((error: unknown) => toast(sentence(error), { tone: 'problem' }));
    setBusy(false);
  };
  const renew = () =>
    attempt(async () => {
      setAddress(await renewCalendar(session, user.id));
      setActive(true);
    });
  const turnOff = () =>
    attempt(async () => {
      await turnOffCalendar(session, user.id);
      setAddress(null);
      setActive(false);
    });

  return (
    <section aria-labelledby="calendar" className="space-y-3">
      <h3 id="calendar" className="mb-2 text-small font-medium">
        Calendar
      </h3>
      <p className="text-small text-quiet">
        {active
          ? 'Calendar programs show your tasks that have a day. Whoever knows the address can read them.'
          : 'Google Calendar, Apple Calendar and Outlook can show your tasks that have a day, at an address that only you know.'}
      </p>
      {address !== null && (
        <>
          <label className="block">
            <span className="mb-1.5 block text-small font-medium">Address</span>
            <input readOnly value={address} dir="ltr" className={INPUT} aria-describedby="calendar-note" onFocus={(event) => event.target.select()} />
          </label>
          <p id="calendar-note" className="text-small text-quiet">
            Copy it now: it is shown only this once.
          </p>
        </>
      )}
      <div className="flex flex-wrap gap-2">
        {address !== null && (
          <Button kind="primary" onClick={() => void copyText(address, 'The address is copied.')}>
            Copy address
          </Button>
        )}
        <Button busy={busy} onClick={() => void renew()}>
          {active ? 'Change address' : 'Make an address'}
        </Button>
        {active && (
          <Button kind="quiet" disabled={busy} onClick={() => void turnOff()}>
            Turn off
          </Button>
        )}
      </div>
    </section>
  );
}
