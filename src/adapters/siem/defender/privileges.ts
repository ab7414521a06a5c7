// What the app may do on Microsoft Graph: the application permissions that an admin consented to stand in
// its token. Whatever the product does not ask for is named, so that it can be taken away.

import type { Privilege, Privileges } from '#domain/targets/port.ts'
import type { GraphClient } from './client.ts'
import { tokenClaims } from './replies.ts'

const HUNT = 'ThreatHunting.Read.All'
const READ = 'CustomDetection.Read.All'
const WRITE = 'CustomDetection.ReadWrite.All'

const NEEDED: Readonly<
  Record<'read' | 'write', readonly (readonly [permission: string, why: string])[]>
> = {
  read: [
    [HUNT, 'Runs searches, and counts alerts of rules.'],
    [READ, 'Reads custom detections and how they fared.'],
  ],
  write: [[WRITE, 'Writes custom detections, and reads them back.']],
}

const HARM: readonly (readonly [permission: RegExp, why: string])[] = [
  [/^RoleManagement\.ReadWrite/, 'Gives itself and others any role of the tenant.'],
  [
    /^(?:AppRoleAssignment|Application)\.ReadWrite/,
    'Gives apps, itself among them, more permissions.',
  ],
  [/^Directory\.ReadWrite/, 'Changes people, groups and apps of the tenant.'],
  [/^Machine\.(?:Isolate|LiveResponse|RestrictExecution|ReadWrite)/, 'Acts on devices.'],
  [/^Mail\./, 'Reads or sends mail of everybody.'],
  [/ReadWrite|\.Manage|\.Send/, 'Changes what the product never changes.'],
]

export async function readPrivileges(
  client: GraphClient,
  need: 'read' | 'write',
  signal: AbortSignal,
): Promise<Privileges> {
  // A consent given a minute ago is not in a token that was kept.
  const roles = rolesIn(await client.token(signal, { isFresh: true }))
  const held = new Set(roles ?? [])
  // Whoever writes reads, too; that it may write as well is told as excess.
  const holds = (name: string) => held.has(name) || (name === READ && held.has(WRITE))
  const wanted = NEEDED[need]
  const needed = wanted.map(([name, why]): Privilege => ({
    name,
    why,
    isHeld: roles === null ? null : holds(name),
    fix: `In Microsoft Entra ID: App registrations, the app, API permissions, Add a permission, Microsoft Graph, Application permissions, ${name}; then Grant admin consent.`,
  }))
  const names = new Set(wanted.map(([name]) => name))
  return {
    needed,
    excess: [...held]
      .filter((name) => !names.has(name))
      .toSorted()
      .map(excess),
    completeness:
      roles === null
        ? { kind: 'partial', reason: 'The token of Microsoft Graph does not say what it is for.' }
        : { kind: 'complete' },
  }
}

function excess(name: string): Privilege {
  const known = HARM.find(([permission]) => permission.test(name))
  const why =
    name === WRITE
      ? 'Writes custom detections, which reading does not need.'
      : (known?.[1] ?? 'Reads what the product never asks for.')
  return {
    name,
    why,
    isHeld: true,
    fix: `In Microsoft Entra ID: App registrations, the app, API permissions, ${name}, Remove permission; then Grant admin consent again.`,
  }
}

/** What Graph should let a token do, by what it holds. */
export function permittedBy(token: string): { readonly hunt: boolean; readonly rules: boolean } {
  const roles = rolesIn(token) ?? []
  return { hunt: roles.includes(HUNT), rules: roles.includes(READ) || roles.includes(WRITE) }
}

/** null: not a token that can be read. Nothing is trusted here: Graph decides by itself. */
function rolesIn(token: string): readonly string[] | null {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    return tokenClaims.parse(JSON.parse(payload)).roles
  } catch {
    return null
  }
}
