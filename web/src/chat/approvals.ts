import type { ApprovalApi, Decision } from '../api/approvalApi';
import { ApiError } from '../api/apiErrors';
import type { Approval } from '../api/types';
import { createStore, type Store } from '../store';
import { members } from '../tasks/changeDetailRows';
import { isToolPart, toolName, type ChatMessage } from './message';
import { approvalQuestion } from './toolCallSummary';

interface ApprovalDependencies {
  api: ApprovalApi;
  /** The server has carried it out, or will not. */
  decided(approval: Approval): void;
}

/** What the assistant asks before it does it, as far as this page has learnt of it since it was opened. */
export class Approvals {
  readonly known: Store<ReadonlyMap<string, Approval>> = createStore<ReadonlyMap<string, Approval>>(new Map());

  /** All that waited when the server was asked last, whichever conversation asks. */
  readonly waiting: Store<readonly Approval[]> = createStore<readonly Approval[]>([]);

  constructor(private readonly deps: ApprovalDependencies) {}

  /** Asks the server what waits: a program may have asked, or a conversation on another device. */
  async load(): Promise<void> {
    this.waiting.set(await this.deps.api.waiting());
  }

  record(approval: Approval): void {
    this.known.set(new Map(this.known.get()).set(approval.id, approval));
  }

  /** Answers; rejects with a sentence when that did not work, and then knows again how the question stands. */
  async decide(approval: Approval, decision: Decision): Promise<void> {
    try {
      this.record({ ...approval, ...(await this.deps.api.decide(approval.id, decision)) });
      this.deps.decided(approval);
    } catch (error) {
      // The server has an answer already, or wants none any more: what came of it stands in the conversation.
      if (error instanceof ApiError && error.status < 500) {
        const over = STATES.find(({ code }) => code.test(error.code))?.state;
        if (over) this.record({ ...approval, state: over });
        this.deps.decided(approval);
      }
      throw error;
    }
  }
}

const STATES = [
  { code: /expired/, state: 'expired' },
  { code: /void/, state: 'void' },
] as const;

/** The questions of an answer: those in the results of its calls, and those that the stream told. */
export function approvalsOf(message: Pick<ChatMessage, 'id' | 'parts'>, known: ReadonlyMap<string, Approval>): Approval[] {
  const found = new Map<string, Approval>();
  for (const part of message.parts) {
    const asked = isToolPart(part) && (part.output as { approval?: Partial<Approval> & { id: string } } | undefined)?.approval;
    if (!asked) continue;
    const tasks = asked.tasks ?? [];
    const own = { tool: toolName(part), arguments: members(part.input), tasks, sentence: approvalQuestion(toolName(part), tasks.length, (part.input as { title?: string } | undefined)?.title), expires_at: '', state: 'waiting', channel: 'chat', program: null, turn_id: message.id, conversation_id: null } as const;
    found.set(asked.id, { ...own, ...asked });
  }
  for (const one of known.values()) {
    const recorded = found.get(one.id);
    // What was recorded after the answer counts more than what the stream told before it.
    if (one.turn_id === message.id || recorded) found.set(one.id, recorded && recorded.state !== 'waiting' ? { ...one, state: recorded.state } : one);
  }
  return [...found.values()];
}

/** The questions that wait in other conversations than this one, as far as one knows here. */
export function waitingElsewhere(waiting: readonly Approval[], known: ReadonlyMap<string, Approval>, conversation: string): Approval[] {
  const stands = ({ id, expires_at }: Approval) => (known.get(id)?.state ?? 'waiting') === 'waiting' && !(Date.parse(expires_at) <= Date.now());
  return waiting.filter((one) => one.conversation_id !== conversation && stands(one));
}

/** The questions that programs ask by calls of their own, and how each stands, as far as one knows here. */
export function ofPrograms(waiting: readonly Approval[], known: ReadonlyMap<string, Approval>): Approval[] {
  return waiting.filter((one) => one.conversation_id === null).map((one) => known.get(one.id) ?? one);
}

/** Whether one of these answers asks something that is not answered yet, as far as one knows here. */
export function isAsking(messages: ChatMessage[], known: ReadonlyMap<string, Approval>): boolean {
  const waits = ({ state, expires_at }: Approval) => state === 'waiting' && !(Date.parse(expires_at) <= Date.now());
  return messages.some((message) => message.role === 'assistant' && approvalsOf(message, known).some(waits));
}
