import type { components } from './schema.gen';

/** Types of requests and answers, under the names that the page uses. `schema.gen.ts` is made from the OpenAPI document. */

export type Schemas = components['schemas'];

export type User = Schemas['User'];
export type WeekStart = User['week_start'];
export type TokenAnswer = Schemas['TokenAnswer'];
export type ProviderName = Schemas['ProviderAddress']['provider'];
/** A provider with which the person signs in. */
export type Identity = Schemas['Identity'];

/** `version` is nothing where it is not known: of a task that a tool spoke of. */
export type Task = Omit<Schemas['Task'], 'version'> & { version: number | null };
export type Priority = Task['priority'];

/** What a new task may have besides its title. A repeat is written in words. */
export type TaskDetails = Partial<Pick<Task, 'description' | 'due' | 'priority' | 'tags' | 'repeat' | 'parent_id'>>;

/** `skip` passes over one time of a repeating task; `after_id` places it directly after another one, or at the top. */
export type TaskPatch = TaskDetails & Partial<Pick<Task, 'title' | 'completed'>> & Pick<Schemas['TaskChange'], 'skip' | 'after_id'>;

export type Change = Schemas['Change'];
export type ChangeKind = Change['kind'];
export type ChangePage = Schemas['Activity'];
export type Conflict = Schemas['UndoConflict'];
export type Undone = Schemas['Undone'];

export type ConversationSummary = Schemas['ConversationSummary'];
export type ConversationPage = Schemas['ConversationList'];
export type Conversation = Schemas['Conversation'];
export type StoredMessage = Schemas['Message'];
export type StoredAnswer = Extract<StoredMessage, { role: 'assistant' }>;
export type Notice = Schemas['Notice'];
export type Effects = Schemas['Effects'];

export type Approval = Schemas['Approval'];
export type ApprovalState = Approval['state'];

export type Usage = Schemas['AccountUsage'];
export type Used = Schemas['Used'];
export type Info = Schemas['Info'];

export type AccessToken = Schemas['AccessToken'];
export type NewAccessToken = Schemas['NewAccessToken'];
export type TokenRequest = Schemas['AccessTokenRequest'];
export type Scope = AccessToken['scopes'][number];

/** What a program that wants to be let in has sent the browser here with. */
export type ProgramRequest = Schemas['OAuthAuthorizationRequest'];
export type ConnectedProgram = Schemas['OAuthGrant'];

/** A session: where one is signed in. */
export type Device = Schemas['Session'];
