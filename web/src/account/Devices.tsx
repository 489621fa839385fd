import { useRef } from 'react';
import { flushSync } from 'react-dom';
import type { AccountAccessApi } from '../api/accountAccessApi';
import type { Device } from '../api/types';
import { toast } from '../page/toasts';
import { deviceSessionText } from './accessTimes';
import { ConfirmButton } from './ConfirmButton';
import { deviceName } from './deviceName';
import { FetchState } from './FetchState';
import { useFetched } from './useFetched';

/** The devices on which the person is signed in, with a button to sign out each. */
export function Devices({ api }: { api: AccountAccessApi }) {
  const { items, problem, change, again } = useFetched(api.devices);
  const heading = useRef<HTMLHeadingElement>(null);

  const signOut = async ({ id, user_agent }: Device) => {
    await api.signOut(id);
    flushSync(() => change((before) => before.filter((one) => one.id !== id)));
    heading.current?.focus();
    toast(`${deviceName(user_agent).name} is signed out.`);
  };

  return (
    <section aria-labelledby="devices" className="space-y-3">
      <h3 ref={heading} id="devices" tabIndex={-1} className="mb-1 font-semibold">
        Devices
      </h3>
      <p className="text-small text-quiet">Where you are signed in. If you do not know one of them, sign it out and change your password.</p>
      <FetchState items={items} problem={problem} none="There is none." onAgain={again} />
      {items && items.length > 0 && (
        <ul aria-label="Devices" className="divide-y divide-line">
          {items.map((device) => {
            const { name, raw } = deviceName(device.user_agent);
            return (
              <li key={device.id} className="flex flex-wrap items-start justify-end gap-x-2 gap-y-2 py-2.5">
                <div className="min-w-48 flex-1">
                  <p className="flex flex-wrap items-center gap-x-2">
                    <bdi title={raw ?? undefined} className="font-medium wrap-anywhere">
                      {name}
                    </bdi>
                    {device.current && <span className="rounded-full bg-accent-soft px-2.5 text-small text-accent">This device</span>}
                  </p>
                  <p className="text-small text-quiet">{deviceSessionText(device)}</p>
                </div>
                {!device.current && <ConfirmButton word="Sign out" what={name} question="Sign it out? The password is needed to come back." onYes={() => signOut(device)} />}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
