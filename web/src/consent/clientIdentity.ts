import type { ProgramRequest } from '../api/types';

/** How a program is identified to the person beside the name that it gives itself. */
export interface ClientIdentity {
  /** Where it is, or where what one allows goes. */
  place: string;
  warning: string | null;
}

/** What is known of who asks. Anybody can call a program anything: what counts is where the browser is sent afterwards. */
export function clientIdentityOf({ client, redirect_host, redirect_is_local }: ProgramRequest): ClientIdentity {
  const { name } = client;
  if (redirect_is_local) {
    return {
      place: 'A program on this device',
      warning: `Any program on this device can call itself “${name}”. Allow it only if you have just begun to connect it yourself.`,
    };
  }
  if (publisher(client.client_id) === redirect_host) return { place: redirect_host, warning: null };
  return { place: redirect_host, warning: `“${name}” is what it calls itself, and nobody has checked that. What you allow goes to ${redirect_host}: do you know and trust it?` };
}

/** Who vouches for a program whose id is the address of a document about it. */
function publisher(clientId: string): string | null {
  const address = URL.canParse(clientId) ? new URL(clientId) : null;
  return address?.protocol === 'https:' ? address.host : null;
}
