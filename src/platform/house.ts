// What every action is handed besides its caller: the opened parts of the product, made once by
// app.ts and closed by it. There is no ambient state; whoever needs a part gets the house. It holds
// no product nouns: those are reached through the actions of their domain.

import type { Logger } from 'pino'
import type { Clock } from '#kernel/time.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Settings } from './config/schema.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Database } from './db/database.ts'
import type { EvidenceFile } from './evidence/evidence-file.ts'
import type { EventBus } from './events.ts'
import type { JobQueue } from './jobs/queue.ts'
import type { Mailer } from './mailer.ts'
import type { Ports } from './ports.ts'
import type { Workers } from './worker.ts'
import type { KeyRing } from './keys/ring.ts'

export interface House {
  readonly clock: Clock
  /** Cryptographically strong bytes; an argument so that tests can fix them. */
  readonly random: (bytes: number) => Buffer
  readonly log: Logger
  /** As they were read at the start. */
  readonly settings: Settings
  /** Where the files of this instance are. */
  readonly directory: DataDirectory
  readonly db: Database
  readonly keys: KeyRing
  readonly evidence: EvidenceFile
  readonly audit: AuditLog
  readonly events: EventBus
  readonly jobs: JobQueue
  /** Undefined where the settings name no mail server. */
  readonly mailer: Mailer | undefined
  /** What fills the ports of domains: the adapters. */
  readonly ports: Ports
  /** Threads for what would keep the event loop. */
  readonly workers: Workers
}
