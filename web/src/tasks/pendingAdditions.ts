import type { TaskDetails } from '../api/types';
import type { Outbox } from './outbox';

/** A task typed here that the server has not confirmed yet. */
export interface NewTask {
  key: string;
  title: string;
  details: TaskDetails;
  problem: string | null;
  /** Nobody answered: it is kept on this device and sent by itself when somebody does. */
  waiting: boolean;
}

/** The tasks that the server has not confirmed, the newest first. Each is kept in the outbox until it is saved or discarded. */
export class PendingAdditions {
  private all: NewTask[];
  private readonly onTheirWay = new Set<Promise<unknown>>();

  constructor(private readonly outbox: Outbox) {
    this.all = this.kept(Infinity);
  }

  list(): NewTask[] {
    return this.all;
  }

  of(key: string): NewTask | undefined {
    return this.all.find((task) => task.key === key);
  }

  /** Those that wait, in the order in which they were typed. */
  waiting(): NewTask[] {
    return this.all.filter(({ waiting }) => waiting).reverse();
  }

  /** Keeps a task, or takes up one that waited or was refused. */
  begin({ key, title, details }: Pick<NewTask, 'key' | 'title' | 'details'>): void {
    this.outbox.keepAdd(key, title, details);
    if (this.of(key)) this.update(key, { problem: null, waiting: false });
    else this.all = [{ key, title, details, problem: null, waiting: false }, ...this.all];
  }

  /** It was refused, or nobody answered; nothing when it was discarded meanwhile. */
  update(key: string, state: Pick<NewTask, 'problem' | 'waiting'>): void {
    this.all = this.all.map((task) => (task.key === key ? { ...task, ...state } : task));
  }

  /** It is no longer pending: it was saved, or discarded. */
  drop(key: string): void {
    this.outbox.dropAdd(key);
    this.all = this.all.filter((task) => task.key !== key);
  }

  /** Takes in what was kept before `until` by tabs that may be closed, and forgets what another tab has sent. Whether there was any. */
  takeOver(until: number): boolean {
    const mine = this.all.filter(({ key, waiting, problem }) => (!waiting && !problem) || this.outbox.hasAdd(key));
    const left = this.kept(until).filter(({ key }) => !mine.some((task) => task.key === key));
    if (left.length === 0 && mine.length === this.all.length) return false;
    this.all = [...left, ...mine];
    return true;
  }

  /** Counts work as on its way until it is over. */
  follow<T>(work: Promise<T>): Promise<T> {
    this.onTheirWay.add(work);
    const end = () => this.onTheirWay.delete(work);
    work.then(end, end);
    return work;
  }

  /** What must be over before anybody may count on the additions. */
  inFlight(): Iterable<Promise<unknown>> {
    return this.onTheirWay;
  }

  private kept(until: number): NewTask[] {
    return this.outbox.adds(until).map((kept) => ({ ...kept, problem: null, waiting: true })).reverse();
  }
}
