// What a command may touch: its output, where it was called from, and the product behind it. The
// same command runs in the caller's own process or, through the control socket, inside the server
// that holds the data directory; only the shell differs.

import type { Readable } from 'node:stream'
import type { RouteRow } from '#http/routes.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import type { Credential, SiemKind } from '#domain/targets/port.ts'
import type { Settings } from '#domain/targets/target.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Configuration } from '#platform/config/load.ts'
import type { Secrets } from '#platform/config/secret.ts'
import type { House } from '#platform/house.ts'
import type { JobRunner } from '#platform/jobs/runner.ts'

/** CONTRACT.md, exit codes. */
export const EXIT = {
  fine: 0,
  problems: 1,
  usage: 2,
  unreachable: 3,
  bug: 70,
  cancelled: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export interface Shell {
  /** One line to standard output: the answer. */
  out(line: string): void
  /** Waits until what was written has left. Absent where writing itself waits. */
  readonly drained?: () => Promise<void>
  /** One line to standard error: progress, notes, problems. */
  err(line: string): void
  /** Replaces the last line of standard error, for progress. Absent where that is no terminal. */
  readonly overwrite?: (line: string) => void
  /** Whether a person reads standard output as it comes. */
  readonly isTerminal?: boolean
  /** Absolute; relative paths in arguments are relative to it. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The operating system's name of whoever called. */
  readonly user: string
  /** All of standard input, for secrets that must not stand in the arguments. */
  stdin(): Promise<string>
  /** Standard input as it comes, for what need not fit into memory. Absent inside a server. */
  readonly input?: () => Readable
  /** Aborted when the person gives up (Ctrl-C) or the process is asked to end. */
  readonly signal: AbortSignal
  /** `listener` runs on SIGHUP, which asks a server to read its secret files again. */
  onHangUp(listener: () => void): void
}

/** A running product. */
export interface App {
  readonly url: string
  readonly house: House
  readonly runner: JobRunner
  readonly sessions: Sessions
  /** An address that signs this person in once. */
  readonly signInLink: (userId: UserId) => string
  /** Makes the address that claims the install, once; undefined when somebody owns it. */
  readonly claimLink: () => Promise<string | undefined>
  /** Secret files in force, the master secret's included. */
  readonly secrets: Secrets
  /** Stops accepting, drains for at most 25 s, closes everything in reverse order. */
  readonly stop: () => Promise<void>
}

/** The product without its doors. */
export interface OpenedHouse {
  readonly house: House
  readonly secrets: Secrets
  readonly close: () => Promise<void>
}

export interface OpenOptions {
  readonly configuration: Configuration
  /** Go on with an audit log that contradicts its checkpoints, and record that. */
  readonly acceptAuditFork?: boolean
  /** Signing in without a password; a release ignores it. */
  readonly isDevelopment?: boolean
  /** Log warnings and errors only: for a command whose standard error a person reads. */
  readonly isQuiet?: boolean
}

/** A SIEM that stands in for a real one, and how a target leads to it. */
export interface EstateTarget {
  readonly name: string
  readonly kind: Exclude<SiemKind, 'local'>
  readonly settings: Settings
  readonly credential: Exclude<Credential, { readonly kind: 'none' }>
  /** What there is to see, for a person. */
  readonly about: string
  /** Nobody gets in. */
  readonly isLocked?: true
}

export interface Estate {
  readonly targets: readonly EstateTarget[]
  /** Method and path of each request that could have changed something there. */
  readonly writes: () => Promise<readonly string[]>
  readonly stop: () => Promise<void>
}

/** What only app.ts can build. Handed down, because the command line may not import it. */
export interface FrontDoor {
  /** Makes the instance when the data directory holds none. Throws `busy` when another serves it. */
  startApp(options: OpenOptions): Promise<App>
  /** As startApp, without listening: for a command on a data directory that no server holds. */
  openHouse(options: OpenOptions): Promise<OpenedHouse>
  /** SIEMs that stand in for real ones, for the demonstration: they listen on loopback. */
  startEstate(): Promise<Estate>
  /** Every route, without starting anything. */
  listRoutes(): Promise<readonly RouteRow[]>
}

/** `house` runs against the data directory: in the server when one is running, here otherwise. */
export interface HouseCall {
  readonly shell: Shell
  readonly house: House
  readonly caller: Caller
  /** Inside a server: jobs are run. Else they wait for the next one. */
  readonly hasRunner: boolean
}

/** Runs in the process of whoever called. */
export interface ProcessCall {
  readonly shell: Shell
  readonly frontDoor: FrontDoor
}
