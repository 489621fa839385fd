/** What the server says and is told, made from its OpenAPI document: `make api-types` writes this file. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A token as its owner sees it. */
        AccessToken: {
            /** Format: uuid */
            id: string;
            name: string;
            scopes: ("tasks:read" | "tasks:write" | "chat")[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_used_at: string | null;
            /** Format: date-time */
            expires_at: string | null;
        };
        /** @description The body of a new token. That it has no end must be said. */
        AccessTokenRequest: {
            /** @example backup script */
            name: string;
            scopes: ("tasks:read" | "tasks:write" | "chat")[];
            expires_in_days: number | null;
        };
        /** @description All tokens of an account. */
        AccessTokens: {
            tokens: components["schemas"]["AccessToken"][];
        };
        /** @description The body of a change of an account: what is absent stays. */
        AccountChange: {
            name?: string | null;
            time_zone?: string | null;
            week_start?: ("monday" | "sunday" | "saturday") | null;
        };
        AccountFile: {
            format: string;
            /** Format: int32 */
            version: number;
            account: components["schemas"]["FileAccount"];
            settings: components["schemas"]["FileSettings"];
            tasks: components["schemas"]["FileTask"][];
            conversations: components["schemas"]["FileConversation"][];
            changes: components["schemas"]["FileChange"][];
        };
        /** @description The usage of an account. */
        AccountUsage: {
            turns_at_once: components["schemas"]["Used"];
            turns: components["schemas"]["Used"];
            /** Format: int64 */
            turns_window_seconds: number;
            tokens_today: components["schemas"]["Used"];
            changes_in_minute: components["schemas"]["Used"];
            tasks: components["schemas"]["Used"];
            conversations: components["schemas"]["Used"];
            /** Format: int64 */
            stored_bytes: number;
            /** Format: int64 */
            stored_bytes_limit: number | null;
        };
        /** @description A page of changes. */
        Activity: {
            changes: components["schemas"]["Change"][];
            /** Format: int64 */
            next_before: number | null;
        };
        /** @description A call that waits for the person's word, or has had it. */
        Approval: {
            /** Format: uuid */
            id: string;
            tool: string;
            /** @description The question, to be shown. */
            sentence: string;
            arguments: Record<string, unknown>;
            tasks: {
                /** Format: int64 */
                id: number;
                /** @example Milk */
                title: string;
            }[];
            /** Format: date-time */
            expires_at: string;
            /** @enum {string} */
            state: "waiting" | "approved" | "rejected" | "expired" | "void";
            /** @enum {string} */
            channel: "chat" | "mcp";
            /** @description What the token is called with which a program asks. */
            program: string | null;
            /**
             * Format: uuid
             * @description Of a call of a program there is no turn.
             */
            turn_id: string | null;
            /** Format: uuid */
            conversation_id: string | null;
        };
        /** @description An answer. `arguments`, when they are there, are what the person was shown. */
        ApprovalDecision: {
            /** @enum {string} */
            decision: "approve" | "reject";
            arguments?: Record<string, unknown> | null;
        };
        /** @description The approvals that wait. */
        Approvals: {
            approvals: components["schemas"]["Approval"][];
        };
        /** @description The body: what is in each operation is read by itself, so that one that is wrong stands in nobody's way. */
        Batch: {
            operations: components["schemas"]["BatchOperation"][];
        };
        BatchAddition: {
            task: components["schemas"]["NewTask"];
        };
        BatchDeletion: {
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            version?: number | null;
        };
        BatchOperation: (components["schemas"]["BatchAddition"] & {
            /** @enum {string} */
            op: "add";
        }) | (components["schemas"]["BatchUpdate"] & {
            /** @enum {string} */
            op: "update";
        }) | (components["schemas"]["BatchDeletion"] & {
            /** @enum {string} */
            op: "delete";
        });
        /** @description Why an operation was not done, with the members that its problem would have by itself. */
        BatchRefusal: {
            /** Format: int32 */
            status: number;
            code: string;
            detail: string;
            errors?: components["schemas"]["InvalidField"][];
            /** @description The task as it is now, where another version of it was expected. */
            task?: components["schemas"]["Task"];
        };
        BatchResult: {
            ok: boolean;
            /** @description The task as it is after the operation, or was before it was deleted. */
            task?: components["schemas"]["Task"];
            error?: components["schemas"]["BatchRefusal"];
        };
        /** @description What became of every operation, in their order. */
        BatchResults: {
            results: components["schemas"]["BatchResult"][];
        };
        BatchUpdate: {
            /** Format: int64 */
            id: number;
            changes: components["schemas"]["TaskChange"];
            /** Format: int64 */
            version?: number | null;
        };
        /** @description Where a calendar is, relative to the server. It is told once. */
        CalendarAddress: {
            url: string;
        };
        /** @description Whether there is a calendar. */
        CalendarStatus: {
            active: boolean;
        };
        /** @description A change. */
        Change: {
            /** Format: int64 */
            id: number;
            /** @enum {string} */
            kind: "added" | "updated" | "completed" | "reopened" | "repeated" | "deleted" | "restored";
            /** Format: int64 */
            task_id: number;
            title: string;
            before: components["schemas"]["Task"] | null;
            after: components["schemas"]["Task"] | null;
            /** @enum {string} */
            channel: "rest" | "chat" | "mcp";
            /** @description What the token was called with which a program made it, or asked for it. */
            program: string | null;
            /** Format: uuid */
            turn_id: string | null;
            /** Format: uuid */
            conversation_id: string | null;
            /** Format: date-time */
            at: string;
            /**
             * Format: int64
             * @description The change that took it back, if it is taken back.
             */
            undone_by: number | null;
            /**
             * Format: int64
             * @description The change that it took back; the newest, when there were several.
             */
            undoes: number | null;
        };
        ChatAnswer: components["schemas"]["Effects"] & {
            message: string;
            /** Format: uuid */
            conversation_id: string;
            tool_calls: {
                /** @example add_task */
                tool: string;
                input: Record<string, unknown>;
                result: unknown;
            }[];
            /** @enum {string} */
            finish_reason: "stop" | "length" | "content_filter" | "step_limit" | "cancelled";
            /** Format: uuid */
            turn_id: string;
            model: string;
            usage: components["schemas"]["TokenUsage"];
            /** @description What the turn asked the person that waits for their word. */
            approvals: components["schemas"]["Approval"][];
        };
        /** @description The contract's chat request. */
        ChatRequest: {
            /** @example Add a task to buy groceries */
            message: string;
            /** Format: uuid */
            conversation_id?: string | null;
            model?: string | null;
            time_zone?: string | null;
        };
        /**
         * @description `{message, conversation_id?, model?}`, `{id, messages, trigger, messageId}` or `{id, message, …}`.
         *
         *     Of all the messages that a client sends only the newest of its user is read: what was said and
         *     done before is in the database, and nobody can rewrite it from outside.
         */
        ChatStreamRequest: {
            message?: components["schemas"]["MessageField"] | null;
            messages?: components["schemas"]["SentMessage"][];
            /** Format: uuid */
            conversation_id?: string | null;
            id?: string | null;
            trigger?: string | null;
            messageId?: string | null;
            model?: string | null;
            time_zone?: string | null;
            undo_replaced?: boolean | null;
            /** @description With an edit: the words that the message has now, as the client knows it. */
            previous_text?: string | null;
        };
        /** @description A conversation with the turns of its page. */
        Conversation: {
            /** Format: uuid */
            id: string;
            title: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: uuid */
            running_turn_id: string | null;
            model: string | null;
            messages: components["schemas"]["Message"][];
        };
        /** @description The body of a change. */
        ConversationChange: {
            /** @example Buy milk */
            title: string;
        };
        /** @description A page of the list. */
        ConversationList: {
            conversations: components["schemas"]["ConversationSummary"][];
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            limit: number;
            /** Format: int64 */
            offset: number;
        };
        /** @description What a list shows of a conversation. */
        ConversationSummary: {
            /** Format: uuid */
            id: string;
            title: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: int64 */
            message_count: number;
        };
        /** @description The body of a sign-in. */
        Credentials: {
            /**
             * Format: email
             * @example test@example.com
             */
            email: string;
            /**
             * Format: password
             * @example securepassword123
             */
            password: string;
        };
        /** @description An approval that was answered. */
        DecidedApproval: components["schemas"]["Approval"] & {
            /** @description What came of the call, as the assistant reads it. */
            result: unknown;
        };
        /** @description What became of one task. */
        Effect: {
            /** @enum {string} */
            kind: "added" | "updated" | "completed" | "reopened" | "repeated" | "deleted" | "restored";
            /** Format: int64 */
            task_id: number;
            /** @description As it is now or, after a delete, as it was. */
            title: string;
        };
        /** @description What an answer has done, whatever its words say. */
        Effects: {
            effects: components["schemas"]["Effect"][];
            notice: components["schemas"]["Notice"] | null;
        };
        FileAccount: {
            name?: string | null;
            /** Format: int64 */
            last_task_id: number;
        };
        FileCall: {
            id: string;
            name: string;
            arguments: string;
        };
        FileChange: {
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            task_id: number;
            before?: components["schemas"]["FileTask"] | null;
            after?: components["schemas"]["FileTask"] | null;
            channel: string;
            program?: string | null;
            /** Format: uuid */
            turn_id?: string | null;
            /** Format: date-time */
            at: string;
            undoes_all: number[];
        };
        FileConversation: {
            /** Format: uuid */
            id: string;
            title: string;
            has_own_title: boolean;
            model?: string | null;
            summary?: components["schemas"]["FileSummary"] | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            turns: components["schemas"]["FileTurn"][];
        };
        FileMessage: {
            role: string;
            content: string;
            tool_calls?: components["schemas"]["FileCall"][];
            tool_call_id?: string | null;
            /** Format: date-time */
            created_at: string;
        };
        FileSettings: {
            time_zone: string;
            week_start: string;
        };
        FileSummary: {
            text: string;
            messages: number;
        };
        FileTask: {
            /** Format: int64 */
            id: number;
            title: string;
            description?: string | null;
            completed: boolean;
            due?: string | null;
            due_time_zone?: string | null;
            priority: string;
            tags: string[];
            repeat?: string | null;
            /** Format: int64 */
            parent_id?: number | null;
            /** Format: int64 */
            position: number;
            /** Format: date-time */
            completed_at?: string | null;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        FileTurn: {
            /** Format: uuid */
            id: string;
            message_id?: string | null;
            state: string;
            finish_reason?: string | null;
            failure?: string | null;
            model?: string | null;
            usage?: components["schemas"]["FileUsage"] | null;
            time_zone: string;
            week_start: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            ended_at?: string | null;
            messages: components["schemas"]["FileMessage"][];
        };
        FileUsage: {
            /** Format: int32 */
            prompt_tokens: number;
            /** Format: int32 */
            completion_tokens: number;
        };
        /** @description The body of a request for a link to another password. */
        ForgotPasswordRequest: {
            /**
             * Format: email
             * @example test@example.com
             */
            email: string;
        };
        /** @description A process that lives. */
        Health: {
            status: string;
            version: string;
        };
        /** @description All of them. */
        Identities: {
            identities: components["schemas"]["Identity"][];
        };
        /** @description A provider with which the person can sign in. */
        Identity: {
            /** @enum {string} */
            provider: "google" | "github";
            /**
             * Format: date-time
             * @description Since when.
             */
            linked_at: string;
        };
        /** @description What was read back. */
        Imported: {
            tasks: number;
            conversations: number;
            changes: number;
            /** @description Turns without an end, which nobody can go on with, or without their answer. */
            left_out_turns: number;
        };
        /** @description The version, the model, those that a person may choose, and whether mail is sent. */
        Info: {
            version: string;
            model: components["schemas"]["ModelInfo"];
            models: string[];
            mail: boolean;
            sign_in_with: ("google" | "github")[];
        };
        /** @description A rule that a member of the request breaks. */
        InvalidField: {
            /** @description The member's, the parameter's or the header's name. */
            field: string;
            /** @description What is wrong, as one sentence. */
            message: string;
        };
        /** @description The secret of a link. */
        LinkToken: {
            token: string;
        };
        /** @description That mail was asked for, as a sentence; whether any is sent is not told. */
        MailAccepted: {
            message: string;
        };
        Message: {
            id: string;
            content: string;
            parts: components["schemas"]["MessagePart"][];
            /** Format: uuid */
            turn_id: string;
            /** Format: date-time */
            created_at: string;
            /** @enum {string} */
            role: "user";
        } | (components["schemas"]["Effects"] & {
            /** Format: uuid */
            id: string;
            content: string;
            tool_calls: {
                /** @example add_task */
                tool: string;
                input: Record<string, unknown>;
                result: unknown;
            }[];
            parts: components["schemas"]["MessagePart"][];
            /** Format: uuid */
            turn_id: string;
            finish_reason: ("stop" | "length" | "content_filter" | "step_limit" | "cancelled") | null;
            /** Format: date-time */
            created_at: string;
        } & {
            /** @enum {string} */
            role: "assistant";
        });
        MessageField: string | components["schemas"]["SentMessage"];
        /** @description A part of a message, as the AI SDK's `UIMessage` has them. */
        MessagePart: {
            /** @enum {string} */
            type: "step-start";
        } | {
            /** @enum {string} */
            type: "text";
            text: string;
            /** @enum {string} */
            state?: "done";
        } | {
            /** @example tool-add_task */
            type: string;
            toolCallId: string;
            /** @enum {string} */
            state: "output-available";
            input: Record<string, unknown>;
            output: unknown;
        };
        /** @description What the API says of the model. */
        ModelInfo: {
            /** @description Its name. */
            name: string;
            /** @description Whether it is the stand-in, which only knows everyday sentences. */
            stand_in: boolean;
        };
        /** @description A token that was just made: the one answer with its secret. */
        NewAccessToken: components["schemas"]["AccessToken"] & {
            token: string;
        };
        /** @description The body of a new task. */
        NewTask: {
            /** @example Buy milk */
            title: string;
            description?: string | null;
            due?: string | null;
            due_time_zone?: string | null;
            priority?: ("none" | "low" | "medium" | "high") | null;
            tags?: string[] | null;
            repeat?: string | null;
            /** Format: int64 */
            parent_id?: number | null;
        };
        /** @description Something that a person should know of an answer. */
        Notice: {
            code: string;
            detail: string;
        };
        /** @description What a program asks a person for. */
        OAuthAuthorizationRequest: {
            client: components["schemas"]["OAuthConsentClient"];
            /** @description The host to which the person is sent back, or the scheme of an app. */
            redirect_host: string;
            /** @description Whether that is on the person's own machine. */
            redirect_is_local: boolean;
            scopes: ("tasks:read" | "tasks:write")[];
            resource: string;
        };
        /** @description Who gives tokens, and how one asks. */
        OAuthAuthorizationServer: {
            issuer: string;
            authorization_endpoint: string;
            token_endpoint: string;
            registration_endpoint: string;
            revocation_endpoint: string;
            scopes_supported: string[];
            response_types_supported: string[];
            response_modes_supported: string[];
            grant_types_supported: string[];
            /** @description Programs are public clients. */
            token_endpoint_auth_methods_supported: string[];
            revocation_endpoint_auth_methods_supported: string[];
            code_challenge_methods_supported: string[];
            authorization_response_iss_parameter_supported: boolean;
            client_id_metadata_document_supported: boolean;
            service_documentation: string;
        };
        /** @description A program that has registered, as it is known here. */
        OAuthClient: {
            client_id: string;
            /** Format: int64 */
            client_id_issued_at: number;
            client_name: string;
            client_uri?: string | null;
            redirect_uris: string[];
            grant_types: string[];
            response_types: string[];
            token_endpoint_auth_method: string;
        };
        /**
         * @description What a program says of itself. What is not known here is ignored, and every program is a public one:
         *     whatever way it names to prove who it is, it is given none.
         */
        OAuthClientMetadata: {
            /**
             * @description What people are told.
             * @example An assistant
             */
            client_name?: string | null;
            /** @description Its page. */
            client_uri?: string | null;
            redirect_uris: string[];
            /** @description `authorization_code` must be among them, when they are given. */
            grant_types?: string[] | null;
            /** @description `code` must be among them, when they are given. */
            response_types?: string[] | null;
        };
        /** @description A program, as far as a person can be told who it is. */
        OAuthConsentClient: {
            client_id: string;
            name: string;
            uri: string | null;
        };
        /** @description A person's word. */
        OAuthDecision: {
            /**
             * @description The query with which the program sent the browser here, as it was.
             * @example response_type=code&client_id=https%3A%2F%2Fapp.example%2Fclient.json&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&state=xyz&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
             */
            request: string;
            approved: boolean;
            scopes?: ("tasks:read" | "tasks:write")[];
        };
        /** @description A connected program as its owner sees it. */
        OAuthGrant: {
            /** Format: uuid */
            id: string;
            client_name: string;
            client_uri: string | null;
            scopes: ("tasks:read" | "tasks:write")[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_used_at: string;
        };
        /** @description All connected programs of an account. */
        OAuthGrants: {
            grants: components["schemas"]["OAuthGrant"][];
        };
        /** @description What tokens are for, and who gives them. */
        OAuthProtectedResource: {
            resource: string;
            authorization_servers: string[];
            scopes_supported: string[];
            bearer_methods_supported: string[];
            resource_name: string;
            resource_documentation: string;
        };
        /** @description Where the browser is to go. */
        OAuthRedirect: {
            redirect_to: string;
        };
        /** @description The form in which a token is revoked. */
        OAuthRevocation: {
            token: string;
            client_id: string;
            token_type_hint?: string | null;
        };
        /** @description The form of a request for a token: with a code, or with a refresh token. */
        OAuthTokenRequest: {
            /** @enum {string} */
            grant_type: "authorization_code" | "refresh_token";
            client_id: string;
            /** @description With `authorization_code`, as `code_verifier`. */
            code?: string | null;
            /**
             * @description With `authorization_code`, where a client sends it as OAuth 2.0 has it: then it must be the one that
             *     the code was sent to.
             */
            redirect_uri?: string | null;
            code_verifier?: string | null;
            /** @description With `refresh_token`. */
            refresh_token?: string | null;
            /** @description With `refresh_token`: fewer scopes than were granted. */
            scope?: string | null;
            /** @description The address of `/mcp`. */
            resource?: string | null;
        };
        /** @description Tokens, as OAuth has them (RFC 6749 5.1). */
        OAuthTokens: {
            access_token: string;
            /** @enum {string} */
            token_type: "Bearer";
            /**
             * Format: int32
             * @description Seconds.
             */
            expires_in: number;
            refresh_token: string;
            scope: string;
        };
        /** @description The body of a change of password. */
        PasswordChange: {
            current_password?: string | null;
            /**
             * Format: password
             * @example securepassword123
             */
            new_password: string;
        };
        /** @description The body of a request that asks for the password once more, if the account has one. */
        PasswordConfirmation: {
            password?: string | null;
        };
        /** @description The body of a new password that a link allows. */
        PasswordReset: {
            token: string;
            /**
             * Format: password
             * @example securepassword123
             */
            new_password: string;
        };
        /** @description What every answer is that is no success (RFC 9457). */
        Problem: {
            /** @example about:blank */
            type: string;
            /** @example Unprocessable Entity */
            title: string;
            /** Format: int32 */
            status: number;
            /** @description A sentence that can be shown to people. */
            detail: string;
            /** @description What went wrong, for programs. */
            code: string;
            /** @description As in the header `X-Request-Id` and in the server's log. */
            request_id: string;
            /** @description The rules that are broken, member by member. */
            errors?: components["schemas"]["InvalidField"][];
            /**
             * Format: uuid
             * @description The turn that broke off after it had done something, which is on record and stays done; or that takes
             *     longer than a request waits, and goes on.
             */
            turn_id?: string;
            /**
             * Format: uuid
             * @description That turn's conversation.
             */
            conversation_id?: string;
            tool_calls?: {
                /** @example add_task */
                tool: string;
                input: Record<string, unknown>;
                result: unknown;
            }[];
            /** @description The task as it is now, where another state of it was expected. */
            task?: components["schemas"]["Task"];
            /** @description The tasks that were changed since what was to be taken back. */
            conflicts?: components["schemas"]["UndoConflict"][];
        };
        /** @description Where the browser is to go. */
        ProviderAddress: {
            auth_url: string;
            /** @enum {string} */
            provider: "google" | "github";
        };
        /** @description What the browser has brought back. */
        ProviderCallback: {
            code: string;
            state: string;
            time_zone?: string | null;
        };
        /** @description A process that can serve. */
        Ready: {
            status: string;
        };
        /** @description A refresh token that a client presents. */
        RefreshToken: {
            refresh_token: string;
        };
        /** @description The body of a registration. */
        Registration: {
            /**
             * Format: email
             * @example test@example.com
             */
            email: string;
            /**
             * Format: password
             * @example securepassword123
             */
            password: string;
            name?: string | null;
            /**
             * @description Where the person is, by IANA's name. A name that the server does not know is read as UTC.
             * @example Europe/Berlin
             */
            time_zone?: string | null;
        };
        SentMessage: {
            id?: string | null;
            role?: string | null;
            parts?: components["schemas"]["SentPart"][];
        };
        SentPart: {
            type?: string | null;
            text?: string | null;
            state?: string | null;
            toolCallId?: string | null;
            input?: unknown;
            approval?: unknown;
        };
        /** @description A device where somebody is signed in. */
        Session: {
            /** Format: uuid */
            id: string;
            user_agent: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_used_at: string;
            current: boolean;
        };
        /** @description All of them. */
        Sessions: {
            sessions: components["schemas"]["Session"][];
        };
        /** @description Which turn is to stop; any that runs when none is named. */
        StopRequest: {
            /** Format: uuid */
            turn_id?: string | null;
            /** @description As the AI SDK says it: the `messageId` of the stream's `start`. Any other text stops nothing. */
            activeStreamId?: string | null;
        };
        /** @description The turn that was asked to stop. */
        StoppedTurn: {
            /** Format: uuid */
            turn_id: string;
        };
        /** @description A task. */
        Task: {
            /** Format: int64 */
            id: number;
            title: string;
            description: string | null;
            completed: boolean;
            /**
             * @description As the person reads it off their clock.
             * @example 2026-11-27T09:00
             */
            due: string | null;
            /** @description Where that clock is. */
            due_time_zone: string | null;
            /**
             * Format: date-time
             * @description The instant, when there is a time of day.
             */
            due_at: string | null;
            /** @enum {string} */
            priority: "none" | "low" | "medium" | "high";
            tags: string[];
            /** @description A recurrence rule (RFC 5545 3.3.10), perhaps with `X-FROM=COMPLETION`. */
            repeat: string | null;
            repeat_in_words: string | null;
            /**
             * Format: int64
             * @description The task under which it stands.
             */
            parent_id: number | null;
            /**
             * Format: int64
             * @description How many tasks under it are still to be done.
             */
            open_subtasks: number;
            /**
             * Format: int64
             * @description Its place in the order by hand: smaller is nearer the top.
             */
            position: number;
            /** Format: date-time */
            completed_at: string | null;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description The body of a change: what is absent stays. */
        TaskChange: {
            /** @example Buy milk */
            title?: string;
            description?: string | null;
            completed?: boolean;
            due?: string | null;
            due_time_zone?: string | null;
            priority?: ("none" | "low" | "medium" | "high") | null;
            tags?: string[] | null;
            repeat?: string | null;
            skip?: boolean;
            /** Format: int64 */
            parent_id?: number | null;
            /** Format: int64 */
            after_id?: number | null;
        };
        /** @description A page of tasks. */
        TaskList: components["schemas"]["Task"][];
        /** @description The contract's token answer. */
        TokenAnswer: {
            access_token: string;
            /** @enum {string} */
            token_type: "bearer";
            /** Format: int64 */
            expires_in: number;
            refresh_token: string;
            /** Format: int64 */
            refresh_expires_in: number;
            user: components["schemas"]["User"];
        };
        TokenUsage: {
            /** Format: int32 */
            prompt_tokens: number;
            /** Format: int32 */
            completion_tokens: number;
            /** Format: int64 */
            total_tokens: number;
        };
        TurnError: {
            code: string;
            detail: string;
        };
        /** @description What is known of a turn. */
        TurnStatus: {
            /** Format: uuid */
            turn_id: string;
            /** Format: uuid */
            conversation_id: string;
            /** @enum {string} */
            state: "running" | "answered" | "failed";
            tool_calls: {
                /** @example add_task */
                tool: string;
                input: Record<string, unknown>;
                result: unknown;
            }[];
            answer: components["schemas"]["ChatAnswer"] | null;
            error: components["schemas"]["TurnError"] | null;
        };
        /** @description A task that was changed since. */
        UndoConflict: {
            /** Format: int64 */
            task_id: number;
            title: string;
            /** @enum {string} */
            reason: "changed" | "deleted" | "restored";
            since: components["schemas"]["Change"] | null;
        };
        /** @description The body of a request to take something back. */
        UndoRequest: {
            /** @description Whether tasks that were changed since are left out. */
            rest?: boolean;
        };
        /** @description What was taken back. */
        Undone: {
            changes: components["schemas"]["Change"][];
            tasks: components["schemas"]["Task"][];
            left_out: components["schemas"]["UndoConflict"][];
        };
        /** @description What is used, and the most there may be; `null` without a limit. */
        Used: {
            /** Format: int64 */
            used: number;
            /** Format: int64 */
            limit: number | null;
        };
        /** @description A user as the API shows one. */
        User: {
            /** Format: uuid */
            id: string;
            email: string;
            name: string | null;
            avatar_url: string | null;
            oauth_provider: string | null;
            /** @example Europe/Berlin */
            time_zone: string;
            /** @enum {string} */
            week_start: "monday" | "sunday" | "saturday";
            email_confirmed: boolean;
            has_password: boolean;
            /** Format: date-time */
            created_at: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
