import { useRef } from 'react';
import { flushSync } from 'react-dom';
import type { AccountAccessApi } from '../api/accountAccessApi';
import { API_BASE } from '../api/send';
import type { ConnectedProgram } from '../api/types';
import { toast } from '../page/toasts';
import { connectionText } from './accessTimes';
import { ConfirmButton } from './ConfirmButton';
import { FetchState } from './FetchState';
import { ProgramEntry } from './ProgramEntry';
import { useFetched } from './useFetched';

/** The programs that the person has connected by OAuth, with a button to disconnect each. */
export function ConnectedPrograms({ api }: { api: AccountAccessApi }) {
  const { items, problem, change, again } = useFetched(api.programs);
  const heading = useRef<HTMLHeadingElement>(null);

  const disconnect = async ({ id, client_name }: ConnectedProgram) => {
    await api.disconnect(id);
    flushSync(() => change((before) => before.filter((one) => one.id !== id)));
    heading.current?.focus();
    toast(`“${client_name}” is disconnected.`);
  };

  return (
    <section aria-labelledby="connected" className="space-y-3">
      <h3 ref={heading} id="connected" tabIndex={-1} className="mb-1 font-semibold">
        Connected programs
      </h3>
      <p className="text-small text-quiet">Programs for which you have signed in here, such as Claude or an editor. To connect one, give it this address: {new URL('/mcp', API_BASE || location.origin).href}</p>
      <FetchState items={items} problem={problem} none="No program is connected." onAgain={again} />
      {items && items.length > 0 && (
        <ul aria-label="Connected programs" className="divide-y divide-line">
          {items.map((program) => (
            <ProgramEntry key={program.id} name={program.client_name} scopes={program.scopes} status={connectionText(program)}>
              <ConfirmButton word="Disconnect" what={program.client_name} question="Disconnect it? It is locked out at once." onYes={() => disconnect(program)} />
            </ProgramEntry>
          ))}
        </ul>
      )}
    </section>
  );
}
