/** The shapes of the HTTP contract, member for member. */

export interface User {
  id: string;
  email: string;
  name: string | null;
  avatar_url: string | null;
  oauth_provider: string | null;
  time_zone?: string;
  week_start?: WeekStart;
  email_confirmed?: boolean;
  /** Whether there is a password, or the person signs in with a provider alone. */
  has_password?: boolean;
  created_at: string;
}

export type ProviderName = 'google' | 'github';

export type WeekStart = 'monday' | 'sunday' | 'saturday';

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  refresh_expires_in: number;
  user: User;
}

export interface Task {
  id: number;
  title: string;
  description: string | null;
  completed: boolean;
  /** As the person reads it off a clock in `due_time_zone`: `2026-11-27` or `2026-11-27T09:00`. */
  due: string | null;
  due_time_zone: string | null;
  /** The instant, where there is a time of day. */
  due_at: string | null;
  priority: Priority;
  tags: string[];
  /** A recurrence rule of RFC 5545. */
  repeat: string | null;
  repeat_in_words: string | null;
  completed_at: string | null;
  /** Of the order by hand: a smaller one is nearer the top, and of two equal ones the newer task is. */
  position: number;
  /** The task that this one is a part of. */
  parent_id: number | null;
  /** How many of its subtasks are open. */
  open_subtasks: number;
  /** Goes up with every change; nothing where it is not known. */
  version: number | null;
  created_at: string;
  updated_at: string;
}

export type Priority = 'none' | 'low' | 'medium' | 'high';

/** What a new task may have besides its title. A repeat is written in words. */
export type TaskDetails = Partial<Pick<Task, 'description' | 'due' | 'priority' | 'tags' | 'repeat' | 'parent_id'>>;

/** `skip` passes over one time of a repeating task; `after_id` places it directly after another one, or at the top. */
export type TaskPatch = TaskDetails & Partial<Pick<Task, 'title' | 'completed'>> & { skip?: true; after_id?: number | null };

/** What became of a task. */
export type ChangeKind = 'added' | 'updated' | 'completed' | 'reopened' | 'repeated' | 'deleted' | 'restored';

/** One change of a task, as it was recorded. */
export interface Change {
  id: number;
  kind: ChangeKind;
  task_id: number;
  title: string;
  /** Nothing where there was no task yet. */
  before: Task | null;
  /** Nothing where there is no task any more. */
  after: Task | null;
  /** By which door it came. */
  channel: 'rest' | 'chat' | 'mcp';
  /** What the token was called with which a program made it, or asked for it. */
  program: string | null;
  turn_id: string | null;
  conversation_id: string | null;
  at: string;
  /** The change that took this one back. */
  undone_by: number | null;
  /** The change that this one took back, or several of the same task. */
  undoes: number | number[] | null;
}

export interface ChangePage {
  changes: Change[];
  next_before: number | null;
}

/** Why a change cannot be taken back: what was done to the task since. */
export interface Conflict {
  task_id: number;
  title: string;
  reason: string;
  since?: Change | null;
}

/** What was taken back. */
export interface Undone {
  changes: Change[];
  tasks: Task[];
  left_out: Conflict[];
}

export interface ConversationSummary {
  id: string;
  title: string | null;
  created_at: string;
  updated_at: string;
  message_count: number;
}

export interface ConversationPage {
  conversations: ConversationSummary[];
  total: number;
  limit: number;
  offset: number;
}

export interface ToolCall {
  tool: string;
  input: unknown;
  result: unknown;
}

/** What an answer did to a task. */
export interface Effect {
  kind: ChangeKind;
  task_id: number;
  title: string;
  change_id?: number;
}

/** What is to be known about an answer beside its words. */
export interface Notice {
  code: string;
  detail: string;
}

/** What the server knows of what an answer did, whatever its words say. */
export interface Effects {
  effects: Effect[];
  notice: Notice | null;
}

export type ApprovalState = 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';

/** A call that the assistant makes only when the person says yes. */
export interface Approval {
  id: string;
  tool: string;
  /** What is asked, in words. */
  sentence: string;
  arguments: unknown;
  tasks: Array<{ id: number; title: string }>;
  expires_at: string;
  state: ApprovalState;
  /** On which way it was asked: in a conversation, or by a program's own call. */
  channel: 'chat' | 'mcp';
  /** What the token is called with which a program asks. */
  program: string | null;
  /** Nothing where a program asks by its own call. */
  turn_id: string | null;
  conversation_id: string | null;
}

export interface StoredMessage extends Partial<Effects> {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  tool_calls?: ToolCall[];
  parts: unknown[];
  turn_id: string | null;
  finish_reason: string | null;
  created_at: string;
}

export interface Conversation {
  id: string;
  title: string | null;
  created_at: string;
  updated_at: string;
  running_turn_id?: string | null;
  model?: string | null;
  messages: StoredMessage[];
}

/** Of a limit what is used; `limit` is null where there is none. */
export interface Used {
  used: number;
  limit: number | null;
}

export interface Usage {
  turns: Used;
  tokens_today: Used;
  tasks: Used;
  conversations: Used;
  stored_bytes: number;
  stored_bytes_limit: number | null;
}

export interface Info {
  version: string;
  model: { name: string; stand_in: boolean };
  /** Those that a person may choose from. */
  models: string[];
  /** Whether the server sends mail. */
  mail?: boolean;
  /** With whom one can sign in. */
  sign_in_with?: ProviderName[];
}

/** What a program may do with its token. */
export type Scope = 'tasks:read' | 'tasks:write' | 'chat';

/** A token for a program, without its secret. */
export interface AccessToken {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  last_used_at: string | null;
  /** Nothing where it has no end. */
  expires_at: string | null;
}

export interface NewAccessToken extends AccessToken {
  /** The secret. */
  token: string;
}

export interface TokenWish {
  name: string;
  scopes: Scope[];
  /** `null` for no end. */
  expires_in_days: number | null;
}

/** A session: where one is signed in. */
export interface Device {
  id: string;
  /** What it said of itself when it signed in. */
  user_agent: string | null;
  created_at: string;
  last_used_at: string;
  /** Whether it is the one that asks. */
  current: boolean;
}
