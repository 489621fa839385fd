import type { ConversationApi } from '../api/conversationApi';
import { sentence } from '../api/apiErrors';
import type { ConversationSummary } from '../api/types';
import { createStore, type Store } from '../store';

export interface ConversationsView {
  phase: 'idle' | 'loading' | 'ready' | 'failed';
  items: ConversationSummary[];
  total: number;
  search: string;
  problem: string | null;
}

/** The conversations of this person, newest activity first, as far as they have been asked for. */
export class ConversationStore {
  readonly view: Store<ConversationsView> = createStore<ConversationsView>({
    phase: 'idle',
    items: [],
    total: 0,
    search: '',
    problem: null,
  });
  private asked = 0;

  constructor(private readonly api: ConversationApi) {}

  async load(search = this.view.get().search): Promise<void> {
    const turn = ++this.asked;
    const { phase } = this.view.get();
    this.view.patch({ search, phase: phase === 'ready' ? 'ready' : 'loading' });
    try {
      const page = await this.api.list(search.trim(), 0);
      if (turn === this.asked) this.view.patch({ phase: 'ready', items: page.conversations, total: page.total, problem: null });
    } catch (error) {
      if (turn === this.asked) this.view.patch({ phase: 'failed', problem: sentence(error) });
    }
  }

  async loadMore(): Promise<void> {
    const { items, search } = this.view.get();
    const page = await this.api.list(search.trim(), items.length);
    const now = this.view.get();
    // Other words were typed meanwhile: this is a page of another list.
    if (now.search !== search) return;
    const known = new Set(now.items.map((item) => item.id));
    this.view.patch({ items: [...now.items, ...page.conversations.filter((item) => !known.has(item.id))], total: page.total });
  }

  async rename(id: string, title: string): Promise<void> {
    const before = this.view.get().items.find((item) => item.id === id)?.title;
    this.setTitle(id, title);
    await this.api.rename(id, title).catch((error: unknown) => {
      if (before !== undefined) this.setTitle(id, before);
      throw error;
    });
  }

  async remove(id: string): Promise<void> {
    await this.api.remove(id);
    const { items, total } = this.view.get();
    this.view.patch({ items: items.filter((item) => item.id !== id), total: Math.max(0, total - 1) });
  }

  private setTitle(id: string, title: string): void {
    this.view.patch({ items: this.view.get().items.map((item) => (item.id === id ? { ...item, title } : item)) });
  }
}
