// Generated from api/openapi.yaml by `npm run types`. Do not edit.
export interface paths {
    "/fleet/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tasks, newest first */
        get: operations["listTasks"];
        put?: never;
        /**
         * Submit a task
         * @description The answer is sent after the task is durable. With `Idempotency-Key`, the same key and body give the same task (200), the same
         *     key with another body gives 422. Keys are kept for as long as their task.
         */
        post: operations["submitTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** A task with the story of its attempts */
        get: operations["showTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * What happens to a task, as server-sent events
         * @description First what is recorded, then what happens. Each event has `id:` = `number` and `event:` = `type` of its TaskEvent, which is the
         *     data. `Last-Event-ID` (or `?after=`) skips what was seen. The stream ends after the event `end`, which carries the task.
         */
        get: operations["followTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** What a task wrote, as plain text */
        get: operations["readTaskLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The model calls of a task, from the call journal
         * @description In the order in which they were asked. A day after the task has ended they are forgotten.
         */
        get: operations["listTaskCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The steps of a task that are finished
         * @description Also with the key of a run of this task.
         */
        get: operations["listTaskSteps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/steps/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
                /** @description 1 to 200 bytes of text without control characters */
                name: string;
            };
            cookie?: never;
        };
        /** What a finished step put out */
        get: operations["readTaskStep"];
        /**
         * A step is finished
         * @description The body is its output, at most 16 MiB. The first output of a name stays: a second one changes nothing (200). Only for the run that
         *     has the task now, else 409: a run's own key says which it is, any other key says it with `x-flotte-fence`. Its content type has at
         *     most 200 characters of ASCII, else 400.
         */
        put: operations["keepTaskStep"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a task
         * @description Its run is told to stop. Cancelling a cancelled task changes nothing (200); any other terminal state is 409.
         */
        post: operations["cancelTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new task with the same specification and `retry_of`
         * @description Of a failed or cancelled task; any other state is 409. An item of a batch then points to the new task.
         */
        post: operations["retryTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/tasks/{id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** Why a task is where it is, in words */
        get: operations["explainTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules, by name; what each makes is shown by its own path */
        get: operations["listSchedules"];
        put?: never;
        /**
         * Let the clock submit a task or a batch, again and again
         * @description Each instant of the cron expression fires once, across restarts, changes of the clock and hubs that were away. An expression for
         *     certain hours comes once for each local day and time: where the clock is set forward across it, at that moment; where the time
         *     comes twice, the first time. One for every hour (its field begins with `*`) follows the time that passes.
         */
        post: operations["addSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** A schedule (by id or name) with what comes next and what it has made */
        get: operations["showSchedule"];
        put?: never;
        post?: never;
        /** Forget a schedule; what it has made stays */
        delete: operations["removeSchedule"];
        options?: never;
        head?: never;
        /**
         * Change when a schedule comes and what it makes; what is not said stays
         * @description What it makes is admitted as for a new one, and belongs to its owner as before. It waits for its next instant from now on; what has passed is not made up for. One that was broken is active again, one that is paused stays so.
         */
        patch: operations["changeSchedule"];
        trace?: never;
    };
    "/fleet/v1/schedules/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make nothing more, until it is resumed */
        post: operations["pauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/schedules/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on; instants that passed meanwhile are not made up for */
        post: operations["resumeSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Once, now; `last.made` is what was made */
        post: operations["runSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/blobs/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 64 lower-case hex digits */
                sha256: string;
            };
            cookie?: never;
        };
        /** The bytes */
        get: operations["getBlob"];
        /**
         * Store bytes under their own hash
         * @description Durable when answered. 422 where the bytes have another hash; 413 over the limit.
         */
        put: operations["putBlob"];
        post?: never;
        delete?: never;
        options?: never;
        /** Whether it is there, and its length */
        head: operations["hasBlob"];
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List batches, newest first */
        get: operations["listBatches"];
        put?: never;
        /** Open a batch */
        post: operations["createBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** A batch */
        get: operations["showBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/items": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** The items in the order of their index, each with its newest task */
        get: operations["listBatchItems"];
        put?: never;
        /**
         * Add items to an open batch
         * @description One BatchItemSpec per line. Items start to run at once. An index that is stored already is skipped where the task is the same
         *     and refused with 422 where it is another, so an upload that broke off is sent again, or resumed at `next_index` (an empty body
         *     only asks for it). A line that is wrong is 400 and names its number; lines before it are stored. A sealed batch: 409.
         */
        post: operations["addBatchItems"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/seal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * No more items will come
         * @description A sealed batch becomes `done` with its last item. Sealing again changes nothing.
         */
        post: operations["sealBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel what has not ended */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start no more items; what runs, runs to its end */
        post: operations["pauseBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on after a pause */
        post: operations["resumeBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/batches/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new task for each item that failed or was cancelled */
        post: operations["retryBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Nodes with their engines */
        get: operations["listNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        get: operations["showNode"];
        put?: never;
        post?: never;
        /**
         * Revoke a node for ever
         * @description Its link is closed, its leases go back to the queue, its key is refused. The hub's own node cannot be revoked (409).
         */
        delete: operations["revokeNode"];
        options?: never;
        head?: never;
        /**
         * Name and labels of a node
         * @description What is absent stays. `labels` replaces those that the hub gave before; those of the node's own file are not touched. A node that was renamed links again at once and its runs go on; work that was meant for the old name waits for a node of that name. 409 where another node has the name.
         */
        patch: operations["changeNode"];
        trace?: never;
    };
    "/fleet/v1/nodes/{id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the node no new work; what runs, runs to its end */
        post: operations["drainNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/nodes/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The machine goes to sleep
         * @description Its running commands stay its own for `[hub] suspend_grace`, or a lease longer than `seconds` where that is less (`suspended_until`), and go on when it wakes; what cannot sleep is given to others at once. A linked node is told, and stays away until the machine has slept, or for `seconds`; one that is ended meanwhile gives back what it has. A laptop under systemd says this by itself. 409 where the node is lost already; 501 where its version cannot be told.
         */
        post: operations["suspendNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/nodes/{id}/wake": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Call a machine that sleeps
         * @description A node that is linked and has a card in the same network sends the magic packet. 409 where the node is linked; 503 where nobody can send, and why. Machines whose own file says `wake = true` are called without this when work waits that only they can do.
         */
        post: operations["wakeNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A code with which one machine can join, once and for ten minutes */
        post: operations["createInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A machine joins with a code
         * @description The code is the credential. 401 for an unknown, used or expired one; 409 where the name of the invitation was taken meanwhile. A machine that is enrolled already, by its key, keeps its name.
         */
        post: operations["enrolNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Workers and what each is doing now */
        get: operations["listWorkers"];
        put?: never;
        /**
         * Give a node a model worker
         * @description It is kept here, sent to the node, and runs there as if it stood in the node's own file. A command worker cannot be given (403): what a machine executes, its own file says. 409 where the node has a worker of that name.
         */
        post: operations["addWorker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/workers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name@node`; a name alone is home's */
                id: string;
            };
            cookie?: never;
        };
        get: operations["showWorker"];
        /**
         * Change a worker that was defined here
         * @description What is absent stays. 409 for a worker of a node's own file.
         */
        put: operations["setWorker"];
        post?: never;
        /** Take away a worker that was defined here; what it runs, it ends */
        delete: operations["removeWorker"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/workers/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description NAME@NODE; without a node: home's */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start nothing new of a worker; what runs, runs to its end */
        post: operations["pauseWorker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/workers/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description NAME@NODE; without a node: home's */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a worker start again */
        post: operations["resumeWorker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/flows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sub-queues that have work, the one that waits longest first
         * @description Tasks that share owner, project, needs, batch and concurrency key. Owners share the starts by the weights of their keys, within an owner its projects by theirs, within a project its flows evenly. What is handed out between two pages moves its flow on: a later page may show it again, none is left out.
         */
        get: operations["listFlows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/flows/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start nothing new of a flow; what runs, runs to its end */
        post: operations["pauseFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/flows/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a flow start again */
        post: operations["resumeFlow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects that have work, a weight or a pause */
        get: operations["listProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/projects/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start nothing new of every flow of a project, also those to come; what runs, runs to its end */
        post: operations["pauseProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/projects/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let every flow of a project, also those to come start again */
        post: operations["resumeProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names that clients may ask for, and what each stands for */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Providers of the file, of the environment, and those that were added here; without their keys
         * @description Scope `admin`.
         */
        get: operations["listProviders"];
        put?: never;
        /**
         * Test a key, store it and use it at once
         * @description Scope `admin`. The key is tested first: `GET {base_url}/models` with it. Redirects are not followed. 422: the vendor refuses the
         *     key or cannot be reached, or it is no API key (one of flotte's own, or the token of somebody's subscription); the message says
         *     which. 409: there is a provider of that name. The key is never shown again.
         */
        post: operations["addProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/providers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Forget a provider that was added here, and its key
         * @description Scope `admin`. Calls under way end normally. 409 for one of the file or of the environment.
         */
        delete: operations["removeProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read the configuration file again
         * @description Scope `admin`; the same as SIGHUP. Providers, models, home's workers and engines, prices and the files of `tls_cert` count at once;
         *     calls under way end where they began. 400 where the file is bad: then nothing has changed.
         */
        post: operations["reload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The last model calls, newest first
         * @description Scope `admin`. The flight recorder: in memory only, bounded in number, size and age ([hub] `record` and what begins with it).
         *     Calls that are under way are there too.
         */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As `x-flotte-request-id` told */
                id: string;
            };
            cookie?: never;
        };
        /** A call with both sides, the targets that were asked, and why others were not */
        get: operations["showRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/requests/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a client's request again
         * @description By the caller, through the gateway, to its end; the answer is in the recorder. 409 where the body was not kept wholly.
         */
        post: operations["replayRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tokens and money, in groups */
        get: operations["showUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Client keys, without their secrets */
        get: operations["listKeys"];
        put?: never;
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a key */
                id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        /** Its share of the fleet */
        patch: operations["changeKey"];
        trace?: never;
    };
    "/fleet/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose key or session this is */
        get: operations["showSession"];
        put?: never;
        /**
         * Exchange a key or a one-time code for a session cookie of the cockpit
         * @description Sets `flotte_session` (HttpOnly, SameSite=Strict, Path=/, Secure where TLS is used).
         */
        post: operations["openSession"];
        delete: operations["closeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/session/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A code with which one browser can open a session of the caller: `URL/#code=...` */
        post: operations["createSignInCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The cockpit's live feed (WebSocket)
         * @description A WebSocket whose text messages are LiveMessage: first a `snapshot`, then `changes` of single things; `value: null` means that
         *     the thing is gone. Kinds: `node` (Node), `worker` (Worker), `batch` (Batch), `task` (Task: those that run, or ended within the
         *     last minute), `counts` (Counts, id `fleet`). `offset` grows with every message. The client sends nothing. At most ten changes of
         *     one thing are sent per second.
         */
        get: operations["openLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/node": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A node's link (WebSocket; protocol in src/wire/link.hpp) */
        get: operations["openLink"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/node/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A node's spare connection (`Upgrade: flotte-stream`)
         * @description `Authorization: FlotteNode NAME:TICKET`, with the ticket of the link's welcome.
         */
        get: operations["openStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fleet/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as JSON */
        get: operations["showOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The script of the line that `flotte node invite` prints
         * @description POSIX shell. It installs this version under the code's pin and becomes `flotte node run`.
         */
        get: operations["joinScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ca.pem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificate of the hub's own authority */
        get: operations["showAuthority"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/join/flotte.tar.gz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The program for a machine that is to become a node, as flotte-VERSION/bin/flotte */
        get: operations["getPackage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: operations["showHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hub can take work (its database answers, it is not draining) */
        get: operations["showReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counters for Prometheus */
        get: operations["showMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        TaskKind: "prompt" | "document" | "command" | "agent";
        /** @enum {string} */
        TaskState: "queued" | "offered" | "running" | "waiting" | "succeeded" | "failed" | "cancelled";
        /**
         * @description Why a task waits; a cancelled task may have `budget` or `dependency`.
         * @enum {string}
         */
        Reason: "time" | "backoff" | "quota" | "budget" | "approval" | "dependency" | "paused";
        /** @enum {string} */
        BatchState: "open" | "running" | "paused" | "done" | "cancelled";
        /**
         * @description `draining`: it takes no new work, and something still runs there; `drained`: nothing does any more.
         * @enum {string}
         */
        NodeState: "linked" | "lost" | "suspended" | "draining" | "drained" | "revoked";
        /** @enum {string} */
        EngineState: "starting" | "ready" | "failed" | "stopped" | "away";
        /**
         * @description `refused`: its node cannot do what the hub's definition says; `unusable`: nothing answers for its model, and it is given no work until something does; `message` tells why.
         * @enum {string}
         */
        WorkerState: "idle" | "busy" | "paused" | "away" | "refused" | "unusable";
        /** @enum {string} */
        Outcome: "running" | "succeeded" | "failed" | "lost" | "cancelled" | "refused" | "later";
        /** @enum {string} */
        OutputStream: "stdout" | "stderr" | "text";
        /**
         * @description Chosen by what to do next. A task may also have `attempts_exhausted` (the dead letters) and `exit_status` (a command that ran and ended with a status other than 0).
         * @enum {string}
         */
        ErrorCode: "invalid_argument" | "unauthenticated" | "forbidden" | "not_found" | "conflict" | "too_large" | "unprocessable" | "exhausted" | "unavailable" | "deadline" | "cancelled" | "closed" | "io" | "corrupt" | "unsupported" | "internal" | "attempts_exhausted" | "exit_status";
        Error: {
            code: components["schemas"]["ErrorCode"];
            /** @description One sentence for a person */
            message: string;
            /** @description What to do about it */
            hint?: string;
        };
        ErrorReply: {
            error: components["schemas"]["Error"];
        };
        Usage: {
            /**
             * Format: int64
             * @description Includes the cached ones
             */
            input_tokens: number;
            /** Format: int64 */
            cached_tokens: number;
            /** Format: int64 */
            output_tokens: number;
            /**
             * @description Exact decimal string; 0.00 for engines of one's own; null where no call's cost is known
             * @example 0.0125
             */
            cost_usd: string | null;
            /**
             * Format: int64
             * @description Calls whose cost is unknown and not in the sum; absent where there are none
             */
            unpriced_calls?: number;
            /**
             * Format: int64
             * @description Calls answered from the call journal, which cost nothing; of one task that is shown alone, absent where there are none
             */
            replayed_calls?: number;
            /**
             * Format: int64
             * @description Calls that were bought although an earlier one was perhaps paid for: it was under way when something died; likewise
             */
            maybe_bought_twice?: number;
        };
        PromptInput: {
            prompt: string;
            system?: string;
        };
        DocumentInput: {
            /** @description File name; its extension tells how to read it */
            name: string;
            /** @description 64 hex digits of its SHA-256; stored before */
            blob: string;
            prompt: string;
        };
        CommandInput: {
            argv: string[];
            cwd?: string;
            env?: {
                [key: string]: string;
            };
        };
        /** @description A member that is not listed here, in `concurrency` or in the input of its kind is refused with 400 and the name of what was probably meant; so it is with batches, their items and schedules. */
        TaskSpec: {
            kind: components["schemas"]["TaskKind"];
            /** @description Default: made from the input */
            title?: string;
            /** @description Name, alias or target; default: the worker's model, else `default` */
            model?: string;
            /** @description Only on the node of this name */
            node?: string;
            /** @description Only by the worker of this name */
            worker?: string;
            /** @description The worker or its node must have them all */
            labels?: string[];
            project?: string;
            /**
             * @description 0 is first
             * @default 2
             */
            priority: number;
            /** Format: date-time */
            not_before?: string;
            /** Format: date-time */
            deadline?: string;
            /** @default 5 */
            max_attempts: number;
            /**
             * @description Nothing else runs on its node meanwhile
             * @default false
             */
            exclusive: boolean;
            /** @description Tasks and batches that must have succeeded before it starts (a batch: every item); in a batch's item also `#7`, item 7 of the same batch, which must have come before. In the strings of `input`, `{{after.1}}` stands for the text of the first one and `{{after}}` for all of them (at most 1 MiB together). A circle is 400. */
            depends_on?: string[];
            /**
             * @description Where one of them fails or is cancelled: cancelled too, with reason `dependency`; or started all the same when all have ended
             * @default cancel
             * @enum {string}
             */
            if_dependency_fails: "cancel" | "run";
            /**
             * @description What its model calls may cost, all attempts together. Held back before each call; a call that might cost more is refused with 402, and the task ends as `cancelled` with reason `budget` and what it has so far as its result.
             * @example 0.50
             */
            budget_usd?: string;
            /** @description What the node's version must understand, as in `host.features`: an older one is not offered it */
            features?: string[];
            /** @description At most `limit` tasks of one owner with that key run at the same time, whatever their project, batch or model. The newest submission's limit counts for all of the key. */
            concurrency?: {
                key: string;
                /** @default 1 */
                limit: number;
            };
            /** @description While a task of the same owner with this name has not ended, submitting again answers 200 with that task and makes none. Not for items of a batch. */
            unique?: string;
            /** @description By kind */
            input: components["schemas"]["PromptInput"] | components["schemas"]["DocumentInput"] | components["schemas"]["CommandInput"];
        };
        /** @description Of a prompt or document `text`, or `blob` where it is over 64 KiB; of a command `exit_code`. */
        TaskResult: {
            text?: string;
            blob?: string;
            exit_code?: number;
            /** @description true: its budget ended the task, and this is what there was */
            partial?: boolean;
        };
        Task: {
            /** @example t42 */
            id: string;
            kind: components["schemas"]["TaskKind"];
            title: string;
            state: components["schemas"]["TaskState"];
            reason: components["schemas"]["Reason"] | null;
            batch: string | null;
            project: string | null;
            /** @description Name of the key that submitted it */
            owner: string;
            flow: string;
            priority: number;
            labels: string[];
            /** @description Accepted runs so far */
            attempt: number;
            /** @description Name of the node that ran it */
            node: string | null;
            /** @description Name of the worker */
            worker: string | null;
            model: string | null;
            /** @description Who answered: `provider/model` or `engine@node/model` */
            target: string | null;
            retry_of: string | null;
            /** Format: date-time */
            created_at: string | null;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            usage: components["schemas"]["Usage"];
            error: components["schemas"]["Error"] | null;
            /** @description What its model calls may cost; absent: no bound of its own */
            budget_usd?: string;
            result: components["schemas"]["TaskResult"] | null;
        };
        Attempt: {
            /** @description From 1; 0 for an offer that was refused */
            attempt: number;
            node: string;
            worker: string;
            outcome: components["schemas"]["Outcome"];
            /** @description Why it failed, was lost or was refused; else empty */
            message: string;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            usage: components["schemas"]["Usage"];
        };
        TaskDetail: components["schemas"]["Task"] & {
            attempts: components["schemas"]["Attempt"][];
            /** @description Tasks and batches that it waits or waited for */
            depends_on?: string[];
            /** @description As submitted; absent where it has no key */
            concurrency?: {
                key: string;
                limit: number;
            };
            /** @description As submitted; absent where it has no name */
            unique?: string;
            /** @description The first 100 steps that are finished; absent where there are none */
            steps?: components["schemas"]["Step"][];
            /** @description As submitted */
            input: Record<string, never>;
        };
        /** @description A piece of a task that is finished, whichever attempt comes */
        Step: {
            /**
             * Format: int64
             * @description In the order in which they were kept, from 1
             */
            number: number;
            name: string;
            /** @description That finished it */
            attempt: number;
            /** Format: date-time */
            at: string;
            content_type: string;
            /**
             * Format: int64
             * @description Of its output
             */
            bytes: number;
            /** @description Where a long output is; absent where it is short */
            blob?: string;
        };
        StepPage: {
            items: components["schemas"]["Step"][];
            next: string | null;
        };
        /** @description A model call that a task made */
        TaskCall: {
            /**
             * Format: int64
             * @description Grows in the order of asking
             */
            place: number;
            /** @description As x-flotte-step said (at most 200 bytes of UTF-8 without control characters, else the call is refused with 400); may be empty */
            step: string;
            /** @description Hash of what was asked: equal ones ask the same */
            request: string;
            /**
             * Format: int64
             * @description Of the run that asked
             */
            fence: number;
            /** Format: date-time */
            at: string;
            /**
             * @description free: refused, nothing was bought. lost: asked, but no whole answer was kept; perhaps paid for
             * @enum {string}
             */
            state: "open" | "bought" | "replayed" | "free" | "lost";
            /**
             * Format: int64
             * @description The place of the call whose answer it got
             */
            answer_of: number | null;
            /**
             * Format: int64
             * @description Bought although that one was perhaps paid for
             */
            repeats: number | null;
            target?: string;
            /**
             * Format: int64
             * @description What its answer takes in the journal
             */
            bytes?: number;
        };
        TaskCallPage: {
            items: components["schemas"]["TaskCall"][];
            next: string | null;
        };
        TaskEvent: {
            /**
             * Format: int64
             * @description Grows within one task
             */
            number: number;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            type: "state" | "started" | "progress" | "output" | "finished" | "lost" | "end";
            attempt: number;
            /** @description Of `state` */
            state?: components["schemas"]["TaskState"];
            reason?: components["schemas"]["Reason"] | null;
            /** @description Of `started` */
            node?: string;
            /** @description Of `started` */
            worker?: string;
            /** @description Of `progress` */
            step?: string;
            /** @description Of `progress`: 0 to 1, or null where it cannot be told */
            progress?: number | null;
            /** @description Of `output` */
            stream?: components["schemas"]["OutputStream"];
            /** @description Of `output` */
            text?: string;
            /** @description Of `finished` */
            outcome?: components["schemas"]["Outcome"];
            /** @description Of `finished` and `lost` */
            message?: string;
            /** @description Of `end` */
            task?: components["schemas"]["Task"];
        };
        TaskPage: {
            items: components["schemas"]["Task"][];
            next: string | null;
        };
        Why: {
            id: string;
            state: components["schemas"]["TaskState"];
            reason: components["schemas"]["Reason"] | null;
            /** @description One sentence: why it is where it is */
            text: string;
            /** @description What would change that */
            hint: string | null;
            /**
             * @description What it asks for, in words
             * @example a model worker with model tiny with label gpu
             */
            needs?: string;
            /**
             * Format: date-time
             * @description When a task that waits becomes ready or is looked at again
             */
            due_at?: string | null;
            /**
             * Format: date-time
             * @description Of `quota`: when that should be over, where a provider has said it
             */
            reset_at?: string;
            /** @description Of `dependency`: the first tasks and batches that it waits for */
            waits_for?: string[];
            /**
             * Format: int64
             * @description Of `dependency`: how many there are in all
             */
            open_dependencies?: number;
            /**
             * Format: int64
             * @description Of a queued task: those of its flow that are ready and come before it, counted up to 1,000
             */
            ahead?: number;
            /** @description Of a queued task: the workers that fit */
            matching?: {
                /** @description `name@node` */
                worker: string;
                /** @enum {string} */
                state: "free" | "busy" | "paused" | "draining" | "unusable" | "away";
                busy: number;
                slots: number;
            }[];
            /**
             * @description Of a queued task that no worker fits: what keeps the nearest ones
             * @example [
             *       "reader@box has no label gpu"
             *     ]
             */
            nearest?: string[];
            /** @description Of a queued task that a free worker fits, with a concurrency key */
            concurrency?: {
                key: string;
                /** Format: int64 */
                limit: number;
                /** Format: int64 */
                used: number;
                /** @description The first tasks that have its seats */
                holders: string[];
            };
            /** @description Each worker of the fleet and whether it could take the task */
            workers: {
                /** @description `name@node` */
                worker: string;
                fits: boolean;
                /**
                 * @example busy: 4 of 4 slots
                 * @example has another model: tiny
                 */
                because: string;
            }[];
        };
        /** @description It makes either a `task` or a `batch`; neither `deadline` nor `not_before` may stand in what is made again and again. */
        ScheduleSpec: {
            name: string;
            /**
             * @description Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly, @yearly
             * @example 30 2 * * *
             * @example @daily
             */
            cron: string;
            /**
             * @default UTC
             * @example Europe/Berlin
             */
            zone: string;
            /**
             * @description What is done about instants that passed while no hub was there (more than a minute late)
             * @default last
             * @enum {string}
             */
            catch_up: "none" | "last" | "all";
            /**
             * @description Of `all`: the newest of them
             * @default 100
             */
            catch_up_limit: number;
            /**
             * @description skip: nothing is made while what was made last has not ended
             * @default run
             * @enum {string}
             */
            overlap: "run" | "skip";
            /** @default false */
            paused: boolean;
            task?: components["schemas"]["TaskSpec"] | null;
            batch?: {
                max_cost_usd?: string | null;
                items: components["schemas"]["TaskSpec"][];
            } | null;
        };
        ScheduleChange: {
            cron?: string;
            zone?: string;
            /** @enum {string} */
            catch_up?: "none" | "last" | "all";
            catch_up_limit?: number;
            /** @enum {string} */
            overlap?: "run" | "skip";
            task?: components["schemas"]["TaskSpec"];
            batch?: {
                max_cost_usd?: string | null;
                items: components["schemas"]["TaskSpec"][];
            };
        };
        ScheduleRun: {
            /**
             * Format: date-time
             * @description When it was due
             */
            instant: string;
            /**
             * Format: date-time
             * @description When it was seen to
             */
            at: string;
            /** @enum {string} */
            outcome: "made" | "skipped" | "missed" | "failed";
            /** @description Id of the task or batch */
            made: string | null;
            message: string | null;
        };
        ScheduleSummary: {
            /** @example s3 */
            id: string;
            name: string;
            owner: string;
            cron: string;
            zone: string;
            /** @enum {string} */
            catch_up: "none" | "last" | "all";
            catch_up_limit: number;
            /** @enum {string} */
            overlap: "run" | "skip";
            /** @enum {string} */
            state: "active" | "paused" | "broken";
            /** @description Why it is broken */
            problem: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            next_at: string | null;
            last: components["schemas"]["ScheduleRun"] | null;
            /** @enum {string} */
            makes: "task" | "batch";
            /** @description That it makes at each instant */
            tasks: number;
        };
        Schedule: components["schemas"]["ScheduleSummary"] & {
            task?: components["schemas"]["TaskSpec"] | null;
            batch?: {
                max_cost_usd: string | null;
                items: components["schemas"]["TaskSpec"][];
            };
        };
        ScheduleDetail: components["schemas"]["Schedule"] & {
            /** @description The newest first */
            runs: components["schemas"]["ScheduleRun"][];
            upcoming: string[];
        };
        SchedulePage: {
            items: components["schemas"]["ScheduleSummary"][];
            next: string | null;
        };
        Blob: {
            id: string;
            /** Format: int64 */
            bytes: number;
        };
        BatchSpec: {
            title?: string;
            project?: string;
            /** @description When its tasks have cost so much, what has not started is cancelled with reason `budget`; what runs ends by itself. An item whose model has no known price is refused (422) */
            max_cost_usd?: string;
        };
        BatchCounts: {
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            offered: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            waiting: number;
            /** Format: int64 */
            succeeded: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            cancelled: number;
        };
        Batch: {
            /** @example b3 */
            id: string;
            title: string;
            state: components["schemas"]["BatchState"];
            /**
             * Format: int64
             * @description Items so far; final once it is sealed
             */
            total: number;
            counts: components["schemas"]["BatchCounts"];
            usage: components["schemas"]["Usage"];
            /**
             * @description Why it was cancelled: it had spent `max_cost_usd`; null where a person did it
             * @enum {string|null}
             */
            reason: "budget" | null;
            max_cost_usd: string | null;
            /** Format: date-time */
            created_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
        };
        BatchPage: {
            items: components["schemas"]["Batch"][];
            next: string | null;
        };
        BatchItemSpec: {
            /**
             * Format: int64
             * @description From 0, each once
             */
            index: number;
            /** @description What the submitter calls it: the path of a document, `path:line` of a prompt */
            name?: string;
            task: components["schemas"]["TaskSpec"];
        };
        BatchItemsAdded: {
            /** Format: int64 */
            added: number;
            /**
             * Format: int64
             * @description Were stored before
             */
            skipped: number;
            /**
             * Format: int64
             * @description The smallest index that is not stored
             */
            next_index: number;
        };
        BatchItem: {
            /** Format: int64 */
            index: number;
            name: string | null;
            /** @description The newest: after a retry, the new one */
            task: components["schemas"]["Task"];
        };
        BatchItemPage: {
            items: components["schemas"]["BatchItem"][];
            next: string | null;
        };
        Engine: {
            name: string;
            /** @enum {string} */
            kind: "llama-server" | "ollama" | "openai";
            state: components["schemas"]["EngineState"];
            models: string[];
            /** @description Answers at the same time */
            slots: number;
            /**
             * Format: int64
             * @description Per slot; 0 where it is unknown
             */
            context_tokens: number;
            /** @description Its model is made of text and has no intelligence */
            demonstration: boolean;
            /** @description Why it failed, with the last lines of its log; absent where all is well */
            message?: string;
        };
        HostInfo: {
            hostname: string;
            os: string;
            arch: string;
            /** @description Of flotte on that machine */
            version: string;
            cpus: number;
            /** Format: int64 */
            memory_mb: number;
            labels: string[];
            /** @description What that version understands besides what the first one did */
            features?: string[];
        };
        Gpu: {
            name: string;
            /** @enum {string} */
            maker: "nvidia" | "amd";
            /**
             * Format: int64
             * @description 0 where it shares the machine's
             */
            memory_mb: number;
            /** Format: int64 */
            memory_free_mb: number;
        };
        FoundAgent: {
            /** @enum {string} */
            program: "claude" | "codex" | "gemini" | "opencode";
            title: string;
            path: string;
            /** @description Empty where it does not say one */
            version: string;
            /** @description As far as the presence of its files tells; none is read */
            logged_in: boolean | null;
        };
        NetworkCard: {
            name: string;
            mac: string;
            /** @description IPv4, as 192.168.1.0/24; empty: it has no address now */
            subnet: string;
            wired: boolean;
        };
        /** @description What the node measured last; it measures every half minute and tells what has changed. */
        Capacity: {
            /**
             * Format: date-time
             * @description null: a node of an older version
             */
            measured_at: string | null;
            /** @description Of a container what it may use */
            cores: number;
            /** Format: int64 */
            memory_mb: number;
            /** Format: int64 */
            memory_available_mb: number;
            /**
             * Format: int64
             * @description Of the file system with the data directory
             */
            disk_mb: number;
            /** Format: int64 */
            disk_free_mb: number;
            gpus: components["schemas"]["Gpu"][];
            /** @enum {string|null} */
            power: "mains" | "battery" | null;
            battery_percent: number | null;
            /** @description Whether its traffic is paid for; null where nobody knows */
            metered: boolean | null;
            agents: components["schemas"]["FoundAgent"][];
            networks: components["schemas"]["NetworkCard"][];
            /** @description What tasks can ask for because of it: gpu, mains, battery, metered, agent:NAME */
            labels: string[];
        };
        Seen: {
            /** @enum {string} */
            kind: "agent" | "model" | "engine" | "server" | "key" | "worker";
            name: string;
            where: string;
            why: string;
            hint: string | null;
        };
        /** @description A machine that sleeps is being called */
        Waking: {
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            last: string;
            packets: number;
            /** @description Names of the nodes that sent the last one */
            by: string;
            /** @description Why none could be sent */
            why: string | null;
        };
        Node: {
            id: string;
            name: string;
            state: components["schemas"]["NodeState"];
            /** Format: int64 */
            epoch: number;
            /** @description The hub's own node */
            home: boolean;
            host: components["schemas"]["HostInfo"];
            /** @description Load average of one minute */
            load: number;
            /** Format: date-time */
            seen_at: string | null;
            engines: components["schemas"]["Engine"][];
            /** @description Given by the hub; those of the node's own file stand in host. Both count */
            labels?: string[];
            capacity: components["schemas"]["Capacity"];
            /** @description Found on that machine and not usable */
            seen: components["schemas"]["Seen"][];
            /** @description Its file allows to wake it by network */
            wake: boolean;
            waking: components["schemas"]["Waking"] | null;
            /**
             * Format: date-time
             * @description It sleeps and keeps its running commands until then
             */
            suspended_until?: string | null;
        };
        NodePage: {
            items: components["schemas"]["Node"][];
            next: string | null;
        };
        /** @description What one slot of a worker does now */
        Activity: {
            task: string;
            title: string;
            /** Format: int64 */
            fence: number;
            /**
             * @example reading
             * @example part 3 of 7
             */
            step: string;
            /** @description Who answers; empty until known */
            target: string;
            /** @description The end of what it wrote, at most 240 bytes */
            tail: string;
            /** Format: int64 */
            output_tokens: number;
            /** @description 0 to 1, or null where it cannot be told */
            progress: number | null;
            /**
             * Format: date-time
             * @description When the run began
             */
            since: string;
        };
        Worker: {
            /**
             * @description `name@node`
             * @example reader@box
             */
            id: string;
            /** @description Name of its node */
            node: string;
            name: string;
            /** @enum {string} */
            kind: "model" | "agent" | "command";
            /** @description Of a model worker; else empty */
            model: string;
            slots: number;
            labels: string[];
            exclusive: boolean;
            state: components["schemas"]["WorkerState"];
            /**
             * @description node: its file, or made there by itself; hub: defined at the hub
             * @enum {string}
             */
            origin: "node" | "hub";
            /** @description Why it is refused, or not there yet */
            message: string | null;
            activities: components["schemas"]["Activity"][];
            /**
             * Format: int64
             * @description Since the hub started
             */
            done: number;
            /**
             * Format: int64
             * @description Since the hub started
             */
            failed: number;
        };
        WorkerChange: {
            /** @description One of `flotte model ls`; an alias becomes what it stands for */
            model?: string;
            slots?: number;
            labels?: string[];
            exclusive?: boolean;
        };
        WorkerDefinition: {
            name: string;
            /** @default home */
            node: string;
            /**
             * @default model
             * @enum {string}
             */
            kind: "model";
            /** @description One of `flotte model ls`; an alias becomes what it stands for */
            model: string;
            /** @default 1 */
            slots: number;
            labels?: string[];
            /** @default false */
            exclusive: boolean;
        };
        Flow: {
            id: string;
            /** @description Name of the key */
            owner: string;
            project: string | null;
            batch: string | null;
            kind: components["schemas"]["TaskKind"];
            model: string | null;
            node: string | null;
            worker: string | null;
            labels: string[];
            /** @enum {string} */
            state: "running" | "ready" | "paused" | "waiting" | "idle";
            /** @description Tasks that could start, counted up to 10,000 */
            ready: number;
            /** @description Tasks with a lease */
            running: number;
            /**
             * Format: date-time
             * @description Since when the first of them is ready
             */
            oldest_ready_at: string | null;
            weight: number;
            owner_weight: number;
            project_weight: number;
            paused_by: ("batch" | "person" | "project")[];
            /**
             * Format: date-time
             * @description Its model is not asked until then
             */
            out_until: string | null;
            /** @description Why: a quota, nobody can be reached, configured limits are used up by others, or it comes back slowly */
            out_why: ("quota" | "outage" | "limits" | "ramp") | null;
            /** @description Its key, and how many seats of it are taken */
            concurrency: {
                key: string;
                limit: number;
                used: number;
            } | null;
        };
        FlowPage: {
            items: components["schemas"]["Flow"][];
            next: string | null;
        };
        Project: {
            name: string;
            /** @description Against the other projects of the same owner ([[project]] weight) */
            weight: number;
            paused: boolean;
            /** @description Those that have ready tasks */
            flows: number;
            ready: number;
            running: number;
        };
        ProjectPage: {
            items: components["schemas"]["Project"][];
            next: string | null;
        };
        WorkerPage: {
            items: components["schemas"]["Worker"][];
            next: string | null;
        };
        /** @description US dollars per million tokens, as decimal strings */
        Price: {
            /** @example 0.25 */
            input: string;
            cached_input: string;
            output: string;
            /**
             * Format: int64
             * @description A call with more input tokens is charged by the `long_` prices, wholly
             */
            long_over?: number;
            long_input?: string;
            long_cached_input?: string;
            long_output?: string;
            /** @description Of tokens that are written to a cache for five minutes; absent: as input */
            cache_write?: string;
            /** @description For an hour; absent: as cache_write */
            cache_write_1h?: string;
            long_cache_write?: string;
            long_cache_write_1h?: string;
            /** @description Of calls that were served as a batch; absent: as others */
            batch_input?: string;
            batch_cached_input?: string;
            batch_cache_write?: string;
            batch_cache_write_1h?: string;
            batch_output?: string;
        };
        Model: {
            /** @description The name to ask for */
            id: string;
            /** @enum {string} */
            kind: "default" | "model" | "alias" | "engine" | "provider";
            /** @description In the order in which they are tried */
            targets: string[];
            /** @description Calls of these pass through to at least one of its targets */
            apis?: ("chat" | "completions" | "embeddings" | "responses" | "messages")[];
            /** @description Why the name stands for these, in words */
            why: string;
            /**
             * Format: int64
             * @description The smallest of its targets; 0 where unknown
             */
            context_tokens: number;
            /** @description Of its first target; null where that of any is unknown, and for engines */
            price: components["schemas"]["Price"] | null;
            /** @description All its targets are engines: its calls cost nothing */
            local: boolean;
            demonstration: boolean;
        };
        ModelPage: {
            items: components["schemas"]["Model"][];
            next: string | null;
        };
        NodeChange: {
            /** @description What the node is called; in an invitation that has none, the machine's host name (with a number where it is taken) */
            name?: string;
            /** @description For tasks to ask for */
            labels?: string[];
        };
        NodePatch: components["schemas"]["NodeChange"] & {
            /** @description true: it gets no new work, as by /drain; false: it gets work again */
            draining?: boolean;
        };
        Invite: {
            /** @description `URL#CODE` for `flotte node run --join` */
            join: string;
            /** @description The hub's public key; null without TLS */
            pin: string | null;
            /** @description One line to paste on the machine; it fetches the script of /join under the pin */
            command: string;
            /** Format: date-time */
            expires_at: string;
        };
        EnrolRequest: {
            code: string;
            name: string;
            /** @description Ed25519, 32 bytes, base64url without padding */
            public_key: string;
        };
        Enrolled: {
            /** @description Of the node */
            id: string;
            name: string;
            /** @description The hub's name */
            hub: string;
        };
        UsageRow: components["schemas"]["Usage"] & {
            /** @description The model, provider, target, id of a key, worker, task or day (YYYY-MM-DD) */
            group: string;
            /** @description By key: its name; null: it was revoked */
            name?: string | null;
            /**
             * Format: int64
             * @description Of the calls; of a worker: of its attempts
             */
            failed?: number;
            /** Format: int64 */
            calls: number;
        };
        UsagePage: {
            items: components["schemas"]["UsageRow"][];
            next: string | null;
        };
        RequestLine: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            state: "live" | "ended";
            /** @description What the client speaks */
            api: string;
            key: string | null;
            key_name: string | null;
            /** @description As the client asked */
            model: string | null;
            /** @description Who answered, or was asked last */
            target: string | null;
            task: string | null;
            stream: boolean;
            /** @description As the client got it; 499: the client left */
            status: number | null;
            /** @description Targets that were asked */
            attempts: number;
            /** @description Until the first byte for the client */
            first_ms: number | null;
            total_ms: number | null;
            usage: {
                /** Format: int64 */
                input_tokens: number | null;
                /** Format: int64 */
                cached_tokens: number | null;
                /** Format: int64 */
                output_tokens: number | null;
                /** @description null: unknown */
                cost_usd: string | null;
            };
            replay_of: string | null;
        };
        RequestPage: {
            items: components["schemas"]["RequestLine"][];
            next: string | null;
        };
        RecordedBody: {
            /**
             * Format: int64
             * @description Of the whole body
             */
            bytes: number;
            /** @description Its beginning, without secrets; null: bodies are not kept */
            text: string | null;
            /** @description There was more than `text` */
            cut: boolean;
        };
        RecordedMessage: {
            /** @description "POST /v1/messages", or the status of an answer */
            line: string;
            /** @description Names and values; secrets are "[redacted]" */
            headers: string[][];
            body: components["schemas"]["RecordedBody"];
        };
        RecordedAttempt: {
            target: string;
            /** @description null: it never answered */
            status: number | null;
            /** @description What ended it without an answer */
            error: string | null;
            /** @description Calls at its place when it was chosen */
            under_way: number;
            /** @description Since the call began, as all its times */
            asked_ms: number | null;
            /** @description The head of its answer */
            answered_ms: number | null;
            /** @description The first piece of its answer; only where bodies are kept */
            first_ms: number | null;
            ended_ms: number | null;
            request: components["schemas"]["RecordedMessage"] | null;
            answer: components["schemas"]["RecordedMessage"] | null;
            /** @description The targets that were not asked then */
            left: {
                target: string;
                /** @enum {string} */
                why: "asked_before" | "not_spoken" | "broken" | "quota" | "overloaded" | "spend" | "no_room" | "not_its_turn";
                under_way: number;
                /** Format: int64 */
                opens_in_ms: number | null;
            }[];
        };
        RecordedRequest: components["schemas"]["RequestLine"] & {
            /** @enum {string} */
            recorded: "heads" | "bodies";
            replayable: boolean;
            /** @description What the model's name stands for */
            route: string | null;
            strategy: string | null;
            /** @description The client's request was here */
            read_ms: number | null;
            request: components["schemas"]["RecordedMessage"] | null;
            answer: components["schemas"]["RecordedMessage"] | null;
            /** @description In their order */
            asked: components["schemas"]["RecordedAttempt"][];
        };
        Replayed: {
            id: string;
            replay_of: string;
            /** @description 0: there was no answer */
            status: number;
            /** @description The answer came to its end */
            complete: boolean;
        };
        /** @enum {string} */
        Scope: "models" | "tasks" | "commands" | "admin";
        KeySpec: {
            name: string;
            scopes: components["schemas"]["Scope"][];
            /** @description Only these names; default: all */
            models?: string[];
            /** @description Providers and engines (NAME@NODE, `*` allowed) that its calls and its tasks' calls may go to; default: all */
            providers?: string[];
            /** @description Requests in a minute; null or 0: no limit */
            rpm?: number | null;
            /**
             * @description Its share of the fleet against other keys' tasks
             * @default 1
             */
            weight: number;
            /** @description What it may spend in a day of UTC; null: no budget */
            budget_day_usd?: string | null;
            /** @description What it may spend in a month of UTC; null: no budget */
            budget_month_usd?: string | null;
        };
        Key: components["schemas"]["KeySpec"] & {
            /** @description Today (UTC); null: not known of a key that was revoked */
            spent_day_usd: string | null;
            spent_month_usd: string | null;
            /** @description Set aside for calls that are under way */
            reserved_usd: string | null;
            id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            used_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
        };
        NewKey: components["schemas"]["Key"] & {
            /** @description The secret; not shown again */
            key: string;
        };
        KeyPage: {
            items: components["schemas"]["Key"][];
            next: string | null;
        };
        /** @description One of both */
        SessionRequest: {
            key?: string;
            /** @description Good once */
            code?: string;
        };
        SignInCode: {
            code: string;
            /** Format: date-time */
            expires_at: string;
        };
        Session: {
            /** @description Of the key */
            name: string;
            scopes: components["schemas"]["Scope"][];
            /** @description The hub's name */
            hub: string;
        };
        ReloadReport: {
            /** @description Names that count now, of the file and of the environment */
            providers: string[];
            /** @description Names of the file's [[model]]s */
            models: string[];
            /** @description Engines of home that were started, or started anew */
            engines: string[];
            /** @description New connections get the certificate that the files hold now */
            certificate: boolean;
            /** @description What counts from the hub's next start on */
            restart: string[];
            warnings: string[];
        };
        /** @enum {string} */
        ProviderVendor: "openai" | "anthropic" | "gemini" | "mistral";
        /** @description `vendor` gives name, dialect and address of a known vendor; without it `base_url` is needed */
        ProviderSpec: {
            /** @description Default: the vendor's name, else one made from the host. No '/', '@' or space */
            name?: string;
            vendor?: components["schemas"]["ProviderVendor"];
            /**
             * @description Default: the vendor's, else `openai`
             * @enum {string}
             */
            dialect?: "openai";
            /** @description What `/chat/completions` and `/models` follow, for example `https://api.openai.com/v1` */
            base_url?: string;
            /** @description Stored in a file of its own that only the hub reads; never shown again */
            api_key: string;
            /**
             * @description Test the key and store nothing
             * @default false
             */
            test_only: boolean;
        };
        Provider: {
            name: string;
            /** @description Empty where it is off and not known */
            dialect: string;
            /** @description Empty where it is off and not known */
            base_url: string;
            /**
             * @description Only `stored` ones can be removed here
             * @enum {string}
             */
            source: "file" | "environment" | "stored";
            /** @enum {string} */
            state: "on" | "off";
            /** @description Why it is off */
            reason: string | null;
            /** @description How many models its key could see when it was tested; null: not tested */
            models: number | null;
            limits?: components["schemas"]["ProviderLimits"];
            use?: components["schemas"]["ProviderUse"];
            /** @description What its answers told of its own limits */
            quota?: components["schemas"]["QuotaWindow"][];
        };
        /** @description As the configuration says; 0 is no limit known. Only in the list */
        ProviderLimits: {
            /** Format: int64 */
            rpm: number;
            /** Format: int64 */
            tpm: number;
            /** Format: int64 */
            concurrent: number;
        };
        ProviderUse: {
            /**
             * Format: int64
             * @description Within the last minute; counted only where something is limited
             */
            requests: number;
            /**
             * Format: int64
             * @description Within the last minute; counted only where they are limited
             */
            tokens: number;
            /**
             * Format: int64
             * @description Under way now
             */
            calls: number;
            /**
             * Format: int64
             * @description Calls that wait for a place
             */
            waiting: number;
        };
        QuotaWindow: {
            /** @description provider/model */
            target: string;
            /** @enum {string} */
            kind: "requests" | "tokens" | "input_tokens" | "output_tokens";
            /** Format: int64 */
            limit: number | null;
            /** Format: int64 */
            remaining: number | null;
            /** Format: date-time */
            reset_at: string;
        };
        ProviderAdded: components["schemas"]["Provider"] & {
            /** @description For example that the key crosses the network in plain text */
            warnings: string[];
        };
        ProviderPage: {
            items: components["schemas"]["Provider"][];
            next: string | null;
        };
        LiveHub: {
            name: string;
            version: string;
            /**
             * Format: date-time
             * @description The hub's clock when it sent the snapshot
             */
            now: string;
            /** Format: date-time */
            started_at: string;
            /** @description True only for the mock hub of the cockpit's tests */
            simulated?: boolean;
        };
        Counts: {
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            offered: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            waiting: number;
            /** @description Tasks that succeeded within the last minute */
            done_per_minute?: number;
            output_tokens_per_second?: number;
            /** @description Since the hub started */
            cost_usd?: string;
        };
        LiveNode: {
            /** @constant */
            kind: "node";
            id: string;
            value: components["schemas"]["Node"] | null;
        };
        LiveWorker: {
            /** @constant */
            kind: "worker";
            id: string;
            value: components["schemas"]["Worker"] | null;
        };
        LiveBatch: {
            /** @constant */
            kind: "batch";
            id: string;
            value: components["schemas"]["Batch"] | null;
        };
        LiveTask: {
            /** @constant */
            kind: "task";
            id: string;
            value: components["schemas"]["Task"] | null;
        };
        LiveCounts: {
            /** @constant */
            kind: "counts";
            /** @constant */
            id: "fleet";
            value: components["schemas"]["Counts"] | null;
        };
        LiveItem: components["schemas"]["LiveNode"] | components["schemas"]["LiveWorker"] | components["schemas"]["LiveBatch"] | components["schemas"]["LiveTask"] | components["schemas"]["LiveCounts"];
        LiveSnapshot: {
            /** @constant */
            type: "snapshot";
            /** Format: int64 */
            offset: number;
            hub: components["schemas"]["LiveHub"];
            items: components["schemas"]["LiveItem"][];
        };
        LiveChanges: {
            /** @constant */
            type: "changes";
            /** Format: int64 */
            offset: number;
            items: components["schemas"]["LiveItem"][];
        };
        LiveMessage: components["schemas"]["LiveSnapshot"] | components["schemas"]["LiveChanges"];
    };
    responses: {
        /** @description What went wrong and what to do */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorReply"];
            };
        };
        /** @description The task */
        Task: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Task"];
            };
        };
        /** @description The batch */
        Batch: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Batch"];
            };
        };
        /** @description The schedule */
        Schedule: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Schedule"];
            };
        };
    };
    parameters: {
        Id: string;
        Limit: number;
        /** @description `next` of the page before */
        Cursor: string;
        /** @description 1 to 128 visible characters */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type TaskKind = components['schemas']['TaskKind'];
export type TaskState = components['schemas']['TaskState'];
export type Reason = components['schemas']['Reason'];
export type BatchState = components['schemas']['BatchState'];
export type NodeState = components['schemas']['NodeState'];
export type EngineState = components['schemas']['EngineState'];
export type WorkerState = components['schemas']['WorkerState'];
export type Outcome = components['schemas']['Outcome'];
export type OutputStream = components['schemas']['OutputStream'];
export type ErrorCode = components['schemas']['ErrorCode'];
export type Error = components['schemas']['Error'];
export type ErrorReply = components['schemas']['ErrorReply'];
export type Usage = components['schemas']['Usage'];
export type PromptInput = components['schemas']['PromptInput'];
export type DocumentInput = components['schemas']['DocumentInput'];
export type CommandInput = components['schemas']['CommandInput'];
export type TaskSpec = components['schemas']['TaskSpec'];
export type TaskResult = components['schemas']['TaskResult'];
export type Task = components['schemas']['Task'];
export type Attempt = components['schemas']['Attempt'];
export type TaskDetail = components['schemas']['TaskDetail'];
export type Step = components['schemas']['Step'];
export type StepPage = components['schemas']['StepPage'];
export type TaskCall = components['schemas']['TaskCall'];
export type TaskCallPage = components['schemas']['TaskCallPage'];
export type TaskEvent = components['schemas']['TaskEvent'];
export type TaskPage = components['schemas']['TaskPage'];
export type Why = components['schemas']['Why'];
export type ScheduleSpec = components['schemas']['ScheduleSpec'];
export type ScheduleChange = components['schemas']['ScheduleChange'];
export type ScheduleRun = components['schemas']['ScheduleRun'];
export type ScheduleSummary = components['schemas']['ScheduleSummary'];
export type Schedule = components['schemas']['Schedule'];
export type ScheduleDetail = components['schemas']['ScheduleDetail'];
export type SchedulePage = components['schemas']['SchedulePage'];
export type Blob = components['schemas']['Blob'];
export type BatchSpec = components['schemas']['BatchSpec'];
export type BatchCounts = components['schemas']['BatchCounts'];
export type Batch = components['schemas']['Batch'];
export type BatchPage = components['schemas']['BatchPage'];
export type BatchItemSpec = components['schemas']['BatchItemSpec'];
export type BatchItemsAdded = components['schemas']['BatchItemsAdded'];
export type BatchItem = components['schemas']['BatchItem'];
export type BatchItemPage = components['schemas']['BatchItemPage'];
export type Engine = components['schemas']['Engine'];
export type HostInfo = components['schemas']['HostInfo'];
export type Gpu = components['schemas']['Gpu'];
export type FoundAgent = components['schemas']['FoundAgent'];
export type NetworkCard = components['schemas']['NetworkCard'];
export type Capacity = components['schemas']['Capacity'];
export type Seen = components['schemas']['Seen'];
export type Waking = components['schemas']['Waking'];
export type Node = components['schemas']['Node'];
export type NodePage = components['schemas']['NodePage'];
export type Activity = components['schemas']['Activity'];
export type Worker = components['schemas']['Worker'];
export type WorkerChange = components['schemas']['WorkerChange'];
export type WorkerDefinition = components['schemas']['WorkerDefinition'];
export type Flow = components['schemas']['Flow'];
export type FlowPage = components['schemas']['FlowPage'];
export type Project = components['schemas']['Project'];
export type ProjectPage = components['schemas']['ProjectPage'];
export type WorkerPage = components['schemas']['WorkerPage'];
export type Price = components['schemas']['Price'];
export type Model = components['schemas']['Model'];
export type ModelPage = components['schemas']['ModelPage'];
export type NodeChange = components['schemas']['NodeChange'];
export type NodePatch = components['schemas']['NodePatch'];
export type Invite = components['schemas']['Invite'];
export type EnrolRequest = components['schemas']['EnrolRequest'];
export type Enrolled = components['schemas']['Enrolled'];
export type UsageRow = components['schemas']['UsageRow'];
export type UsagePage = components['schemas']['UsagePage'];
export type RequestLine = components['schemas']['RequestLine'];
export type RequestPage = components['schemas']['RequestPage'];
export type RecordedBody = components['schemas']['RecordedBody'];
export type RecordedMessage = components['schemas']['RecordedMessage'];
export type RecordedAttempt = components['schemas']['RecordedAttempt'];
export type RecordedRequest = components['schemas']['RecordedRequest'];
export type Replayed = components['schemas']['Replayed'];
export type Scope = components['schemas']['Scope'];
export type KeySpec = components['schemas']['KeySpec'];
export type Key = components['schemas']['Key'];
export type NewKey = components['schemas']['NewKey'];
export type KeyPage = components['schemas']['KeyPage'];
export type SessionRequest = components['schemas']['SessionRequest'];
export type SignInCode = components['schemas']['SignInCode'];
export type Session = components['schemas']['Session'];
export type ReloadReport = components['schemas']['ReloadReport'];
export type ProviderVendor = components['schemas']['ProviderVendor'];
export type ProviderSpec = components['schemas']['ProviderSpec'];
export type Provider = components['schemas']['Provider'];
export type ProviderLimits = components['schemas']['ProviderLimits'];
export type ProviderUse = components['schemas']['ProviderUse'];
export type QuotaWindow = components['schemas']['QuotaWindow'];
export type ProviderAdded = components['schemas']['ProviderAdded'];
export type ProviderPage = components['schemas']['ProviderPage'];
export type LiveHub = components['schemas']['LiveHub'];
export type Counts = components['schemas']['Counts'];
export type LiveNode = components['schemas']['LiveNode'];
export type LiveWorker = components['schemas']['LiveWorker'];
export type LiveBatch = components['schemas']['LiveBatch'];
export type LiveTask = components['schemas']['LiveTask'];
export type LiveCounts = components['schemas']['LiveCounts'];
export type LiveItem = components['schemas']['LiveItem'];
export type LiveSnapshot = components['schemas']['LiveSnapshot'];
export type LiveChanges = components['schemas']['LiveChanges'];
export type LiveMessage = components['schemas']['LiveMessage'];
export type ResponseError = components['responses']['Error'];
export type ResponseTask = components['responses']['Task'];
export type ResponseBatch = components['responses']['Batch'];
export type ResponseSchedule = components['responses']['Schedule'];
export type ParameterId = components['parameters']['Id'];
export type ParameterLimit = components['parameters']['Limit'];
export type ParameterCursor = components['parameters']['Cursor'];
export type ParameterIdempotencyKey = components['parameters']['IdempotencyKey'];
export type $defs = Record<string, never>;
export interface operations {
    listTasks: {
        parameters: {
            query?: {
                /**
                 * @description One state or several, separated by commas
                 * @example failed,cancelled
                 */
                state?: string;
                kind?: components["schemas"]["TaskKind"];
                batch?: string;
                /** @description Name of the node that ran it */
                node?: string;
                worker?: string;
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tasks, without their attempts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    submitTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible characters */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskSpec"];
            };
        };
        responses: {
            /** @description That key and body were submitted before: the same task, as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            201: components["responses"]["Task"];
            400: components["responses"]["Error"];
            422: components["responses"]["Error"];
            default: components["responses"]["Error"];
        };
    };
    showTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDetail"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    followTask: {
        parameters: {
            query?: {
                /** @description Only events with a greater number */
                after?: number;
            };
            header?: {
                "Last-Event-ID"?: string;
            };
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One TaskEvent each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["TaskEvent"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readTaskLog: {
        parameters: {
            query?: {
                /** @description Of that attempt; default: the newest */
                attempt?: number;
                /** @description Default: all, in the order in which they came */
                stream?: components["schemas"]["OutputStream"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The output */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listTaskCalls: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of calls */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCallPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listTaskSteps: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of steps */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    readTaskStep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
                /** @description 1 to 200 bytes of text without control characters */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its output, with the content type that it was kept with, and as a file: a browser shows and runs nothing of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    keepTaskStep: {
        parameters: {
            query?: never;
            header?: {
                "x-flotte-fence"?: number;
            };
            path: {
                id: components["parameters"]["Id"];
                /** @description 1 to 200 bytes of text without control characters */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "*/*": string;
            };
        };
        responses: {
            /** @description It was finished before and stays as it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Step"];
                };
            };
            /** @description Kept */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Step"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Task"];
            default: components["responses"]["Error"];
        };
    };
    retryTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: components["responses"]["Task"];
            default: components["responses"]["Error"];
        };
    };
    explainTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The explanation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Why"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listSchedules: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Schedules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    addSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleSpec"];
            };
        };
        responses: {
            201: components["responses"]["Schedule"];
            400: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            429: components["responses"]["Error"];
            default: components["responses"]["Error"];
        };
    };
    showSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleDetail"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    removeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schedule"];
            default: components["responses"]["Error"];
        };
    };
    changeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleChange"];
            };
        };
        responses: {
            200: components["responses"]["Schedule"];
            400: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            default: components["responses"]["Error"];
        };
    };
    pauseSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schedule"];
            default: components["responses"]["Error"];
        };
    };
    resumeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schedule"];
            default: components["responses"]["Error"];
        };
    };
    runSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schedule"];
            default: components["responses"]["Error"];
        };
    };
    getBlob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 64 lower-case hex digits */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    putBlob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 64 lower-case hex digits */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Was there already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Blob"];
                };
            };
            /** @description Stored */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Blob"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    hasBlob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 64 lower-case hex digits */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is not */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listBatches: {
        parameters: {
            query?: {
                /** @description One state or several, separated by commas */
                state?: string;
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of batches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible characters */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchSpec"];
            };
        };
        responses: {
            /** @description That key and body were used before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
            201: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    showBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    listBatchItems: {
        parameters: {
            query?: {
                /** @description States of the task, separated by commas */
                state?: string;
                /**
                 * @description Follow a batch without reading it again: only items whose newest task has reached a terminal state, in the order in which
                 *     they did, from behind that place (`0`: from the beginning). `next` is then never null: it is the place behind the last item
                 *     of this answer, to be asked for next time. An item that was retried appears again when its new task ends.
                 */
                ended_after?: string;
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of items */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchItemPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    addBatchItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": components["schemas"]["BatchItemSpec"];
            };
        };
        responses: {
            /** @description All lines are durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchItemsAdded"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    sealBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    pauseBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    resumeBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    retryBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Batch"];
            default: components["responses"]["Error"];
        };
    };
    listNodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All nodes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    showNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    revokeNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revoked node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    changeNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodePatch"];
            };
        };
        responses: {
            /** @description The node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    drainNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    suspendNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default 86400 */
                    seconds?: number;
                };
            };
        };
        responses: {
            /** @description The node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    wakeNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a node */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createInvite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NodeChange"];
            };
        };
        responses: {
            /** @description The invitation; the code is shown only here */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    enrolNode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnrolRequest"];
            };
        };
        responses: {
            /** @description Enrolled */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolled"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listWorkers: {
        parameters: {
            query?: {
                /** @description Name of a node */
                node?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All workers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    addWorker: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkerDefinition"];
            };
        };
        responses: {
            /** @description The worker */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    showWorker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name@node`; a name alone is home's */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The worker */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    setWorker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name@node`; a name alone is home's */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkerChange"];
            };
        };
        responses: {
            /** @description The worker */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    removeWorker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `name@node`; a name alone is home's */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The worker that was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    pauseWorker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description NAME@NODE; without a node: home's */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    resumeWorker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description NAME@NODE; without a node: home's */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Worker"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listFlows: {
        parameters: {
            query?: {
                /** @description Name of a key */
                owner?: string;
                project?: string;
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Flows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    pauseFlow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    resumeFlow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flow"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listProjects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Projects */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    pauseProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    resumeProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listModels: {
        parameters: {
            query?: {
                /** @description Only this name, which may also be a `provider/model` */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All names this key may use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All providers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    addProvider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSpec"];
            };
        };
        responses: {
            /** @description `test_only`: the key works; nothing was stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAdded"];
                };
            };
            /** @description Stored and in use */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderAdded"];
                };
            };
            409: components["responses"]["Error"];
            422: components["responses"]["Error"];
            default: components["responses"]["Error"];
        };
    };
    removeProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider as it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    reload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What counts now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReloadReport"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /** @description Id or name of a key */
                key?: string;
                /** @description As asked for, what that stands for, or a target */
                model?: string;
                /** @description 429, 5xx, ok, error or live */
                status?: string;
                task?: string;
                limit?: components["parameters"]["Limit"];
                /** @description `next` of the page before */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of calls */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    showRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As `x-flotte-request-id` told */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedRequest"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    replayRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new call */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    showUsage: {
        parameters: {
            query?: {
                by?: "model" | "provider" | "target" | "key" | "worker" | "task" | "day";
                /** @description Only of this model */
                model?: string;
                /** @description Only of this provider or engine */
                provider?: string;
                /** @description Only of this target */
                target?: string;
                /** @description Only of the key with this id */
                key?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One row per group */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsagePage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyPage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeySpec"];
            };
        };
        responses: {
            /** @description The key; its secret is shown only here */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revoked key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    changeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a key */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    weight: number;
                };
            };
        };
        responses: {
            /** @description The key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Key"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    showSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    openSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description The cookie is set */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    closeSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cookie is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    createSignInCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code; it is shown only here and good once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInCode"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    openLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The WebSocket is open */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Shape of the messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveMessage"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    openLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hub sends a challenge; the node answers with its signature */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    openStream: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Parked until the hub needs it */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Error"];
        };
    };
    showOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    joinScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The script */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/x-shellscript": string;
                };
            };
        };
    };
    showAuthority: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description PEM */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-pem-file": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
    getPackage: {
        parameters: {
            query?: {
                /** @description As `uname -s` prints it; default linux */
                os?: string;
                /** @description As `uname -m` prints it; default: the hub's own */
                arch?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tarball. The hub's own program, or for another architecture what lies in DATA/packages/flotte-linux-ARCH.tar.gz */
            200: {
                headers: {
                    /** @description The SHA-256 in quotes */
                    etag?: string;
                    /** @description 64 lower-case hex digits */
                    "x-flotte-sha256"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/gzip": string;
                };
            };
            /** @description If-None-Match named this tarball */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: components["responses"]["Error"];
        };
    };
    showHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ok` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    showReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ready` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The reason in one line */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    showMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text format */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Error"];
        };
    };
}
