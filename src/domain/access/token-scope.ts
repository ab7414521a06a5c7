// What a token may be given. A scope names verbs; at every use a token holds those of them that its
// maker holds at that moment, so a role taken away is taken from every token.

import type { ServiceRole } from './token.ts'
import { verbsOf, type Flag, type Role, type Verb } from './permission.ts'

interface ScopeRow {
  readonly about: string
  /** Whose tokens may have it. */
  readonly holders: readonly (Role | Flag)[]
  /** `all`: whatever its maker holds in the workspace. */
  readonly verbs: readonly Verb[] | 'all'
}

/** Held by every token, whatever its scopes. */
const BASE_VERBS: readonly Verb[] = ['workspace.read']

const EVERYBODY = ['admin', 'engineer', 'analyst', 'viewer'] as const
const WORKERS = ['admin', 'engineer', 'analyst'] as const
const BUILDERS = ['admin', 'engineer'] as const

// Nobody's token signs changes, unless a policy of the workspace says that a personal one may.
const ROWS = {
  'rules:read': {
    about: 'Read, lint, convert and match rules',
    holders: EVERYBODY,
    verbs: [
      'rule.check',
      'rule.read',
      'exclusion.read',
      'health.read',
      'drift.read',
      'target.read',
    ],
  },
  'rules:write': {
    about: 'Write rules, tests, exclusions, mappings and lists, and fill the sandbox',
    holders: WORKERS,
    verbs: [
      'rule.check',
      'rule.read',
      'rule.write',
      'rule.test',
      // Rules that stand on a target are adopted from there.
      'target.read',
      'exclusion.read',
      'exclusion.write',
      'mapping.write',
      // Samples that rules are tried on.
      'event.read',
      'event.write',
      'job.read',
      'job.cancel',
    ],
  },
  'tests:run': {
    about: 'Run tests of rules',
    holders: WORKERS,
    verbs: ['rule.read', 'rule.test', 'job.read', 'job.cancel'],
  },
  'searches:run': {
    about: 'Run searches and forecasts, of rules too, read their rows, and judge alerts',
    holders: WORKERS,
    verbs: [
      'search.run',
      // What rules missed is searched for, and what exclusions hide is counted.
      'health.read',
      'exclusion.read',
      'rule.check',
      'rule.read',
      'event.read',
      // What was found is judged.
      'disposition.write',
      'target.read',
      'job.read',
      'job.cancel',
    ],
  },
  'changes:read': {
    about: 'Read changes, deployments, policies and jobs',
    holders: EVERYBODY,
    // What is asked of a change is a policy; what it takes long over is a job.
    verbs: [
      'change.read',
      'deployment.read',
      'policy.read',
      'rule.read',
      'target.read',
      'job.read',
    ],
  },
  'changes:write': {
    about: 'Write and submit changes',
    holders: BUILDERS,
    // A change is made of rules and of what stands on targets.
    verbs: ['change.read', 'change.write', 'rule.read', 'rule.check', 'target.read', 'job.read'],
  },
  'changes:sign': {
    about: 'Sign changes, where the policy lets tokens do that',
    holders: ['admin', 'engineer', 'approver'],
    verbs: ['change.read', 'change.sign', 'rule.read', 'target.read'],
  },
  deploy: {
    about: 'Deploy approved changes, roll back, and make hotfixes where they may be',
    holders: BUILDERS,
    // What is deployed is compiled again first.
    verbs: [
      'deployment.read',
      'deployment.run',
      'hotfix.make',
      'drift.read',
      'drift.resolve',
      'change.read',
      'change.write',
      'rule.read',
      'rule.check',
      'target.read',
      'job.read',
      'job.cancel',
    ],
  },
  'audit:read': {
    about: 'Read and export the audit log',
    holders: ['admin', 'auditor'],
    verbs: ['audit.read', 'audit.export'],
  },
  'targets:read': {
    about: 'Read targets and their health',
    holders: EVERYBODY,
    verbs: ['target.read'],
  },
  'targets:write': {
    about: 'Change targets and their credentials',
    holders: ['admin'],
    verbs: ['target.read', 'target.write', 'job.read', 'job.cancel'],
  },
  admin: { about: 'Everything its maker may do here', holders: ['admin'], verbs: 'all' },
} as const satisfies Record<string, ScopeRow>

export type Scope = keyof typeof ROWS
export const SCOPES = Object.keys(ROWS) as readonly Scope[]

/** The verbs a scope names; `all` for whatever its maker holds. */
export function verbsOfScope(scope: Scope): readonly Verb[] | 'all' {
  return ROWS[scope].verbs
}

export function describeScope(scope: Scope): string {
  return ROWS[scope].about
}

/** What somebody with this role and these flags may give a token. */
export function scopesOf(role: Role, flags: readonly Flag[]): readonly Scope[] {
  const held: readonly (Role | Flag)[] = [role, ...flags]
  return SCOPES.filter((scope) => ROWS[scope].holders.some((holder) => held.includes(holder)))
}

/** What a service token with this role may be given: people sign, and nobody else. */
export function serviceScopes(role: ServiceRole): readonly Scope[] {
  return scopesOf(role, []).filter((scope) => scope !== 'changes:sign')
}

/** What a service token holds at most, whatever its scopes come to name. */
export function serviceVerbs(role: ServiceRole): ReadonlySet<Verb> {
  return new Set([...verbsOf(role)].filter((verb) => !SIGNING.includes(verb)))
}

const SIGNING: readonly Verb[] = ['change.sign', 'change.breakglass']

/** Those a maker with this role may give for a verb, the whole of it only where no smaller one does. */
export function scopesFor(verb: string, role: Role, flags: readonly Flag[]): readonly Scope[] {
  if (!verbsOf(role, flags).has(verb as Verb)) return []
  const held = scopesOf(role, flags)
  const named = held.filter((scope) => (ROWS[scope].verbs as readonly string[]).includes(verb))
  return named.length > 0 ? named : held.filter((scope) => ROWS[scope].verbs === 'all')
}

/** Of the verbs its maker holds now, those that the scopes leave to the token. */
export function narrowVerbs(held: ReadonlySet<Verb>, scopes: readonly Scope[]): ReadonlySet<Verb> {
  const named = new Set<Verb>(BASE_VERBS)
  for (const scope of scopes) {
    const { verbs } = ROWS[scope] as ScopeRow
    if (verbs === 'all') return held
    for (const verb of verbs) named.add(verb)
  }
  return new Set([...held].filter((verb) => named.has(verb)))
}
