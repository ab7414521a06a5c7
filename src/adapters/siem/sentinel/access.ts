// What a Sentinel target is asked through: Log Analytics under the ID of the workspace, Azure under its
// path. Both take tokens of one app, each for itself.

import { openClient, readAs, type MicrosoftClient } from '#adapters/siem/microsoft/client.ts'
import { scopeOf } from '#adapters/siem/microsoft/cloud.ts'
import type { VendorError } from '#adapters/siem/microsoft/failures.ts'
import { openSignIn, type SignIn } from '#adapters/siem/microsoft/sign-in.ts'
import type { Connection } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { z } from 'zod'
import { openLogs, type Logs } from './logs.ts'
import { workspacePath, type SentinelSettings } from './settings.ts'

export interface SentinelAccess {
  readonly settings: SentinelSettings
  readonly signIn: SignIn
  readonly logsClient: MicrosoftClient
  readonly logs: Logs
  readonly arm: MicrosoftClient
}

export function openAccess(connection: Connection, settings: SentinelSettings): SentinelAccess {
  const signIn = openSignIn(connection, settings)
  const area = 'sentinel'
  const logsClient = openClient({
    outbound: connection.client('api'),
    signIn,
    scope: scopeOf(settings, 'logs'),
    service: 'Log Analytics',
    area,
  })
  const arm = openClient({
    outbound: connection.client('arm'),
    signIn,
    scope: scopeOf(settings, 'arm'),
    service: 'Azure',
    area,
  })
  return { settings, signIn, logsClient, logs: openLogs(logsClient, settings), arm }
}

const page = z.object({
  value: z.array(z.custom<Json>((value) => value !== undefined)),
  nextLink: z.string().nullish(),
})

const PAGES_MAX = 200

/** Whatever a list of Azure holds, over all its pages; true where it has more pages than are read. */
export async function listAll(
  { arm, settings }: SentinelAccess,
  {
    path,
    version,
    what,
  }: { readonly path: string; readonly version: string; readonly what: string },
  signal: AbortSignal,
): Promise<{ readonly items: readonly Json[]; readonly isCut: boolean }> {
  const items: Json[] = []
  const seen = new Set<string>()
  let next: string | null = null
  do {
    const reply = await arm.send({
      // A link is followed as it came, and by the outbound client on this origin alone.
      ...(next === null
        ? { path: `${workspacePath(settings)}${path}`, query: { 'api-version': version } }
        : { path: next }),
      what,
      explain: explainPath,
      signal,
    })
    const { value, nextLink } = readAs(page, reply.body, { service: arm.service, what })
    items.push(...value)
    next = nextLink ?? null
    if (next !== null && seen.has(next)) {
      throw new AppError('upstream', `Azure gives the same page of ${what} again and again.`)
    }
    if (next !== null) seen.add(next)
  } while (next !== null && seen.size < PAGES_MAX)
  return { items, isCut: next !== null }
}

/** Which part of the path to the workspace leads nowhere. */
export function explainPath(status: number, errors: readonly VendorError[]): AppError | undefined {
  if (status !== 404) return undefined
  const codes = errors.map(({ code }) => code)
  const found = PARTS.find(([code]) => codes.includes(code))
  if (found === undefined) return undefined
  return new AppError('not_found', found[1], { cause: new Error(`404: ${codes.join(' ')}`) })
}

const PARTS = [
  ['SubscriptionNotFound', 'Azure has no subscription with this ID that the app may see.'],
  ['ResourceGroupNotFound', 'The subscription has no resource group of this name.'],
  [
    'ResourceNotFound',
    'The resource group has no workspace of this name. Rules want the name of the workspace, not its ID.',
  ],
] as const
