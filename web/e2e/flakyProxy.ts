import { createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A proxy between the browser and the server that a test can cut, or put to sleep like a Space. */
export class FlakyProxy {
  asleep = false;
  private sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async to(target: string): Promise<FlakyProxy> {
    const server = createServer((incoming, outgoing) => {
      if (proxy.asleep) {
        outgoing.writeHead(503, { 'content-type': 'text/html' }).end('<html>Building…</html>');
        return;
      }
      const url = new URL(incoming.url ?? '/', target);
      const forward = request(url, { method: incoming.method, headers: { ...incoming.headers, host: url.host } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        outgoing.on('close', () => answer.destroy());
      });
      forward.on('error', () => outgoing.destroy());
      incoming.pipe(forward);
    });
    const proxy = new FlakyProxy(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection at once, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
