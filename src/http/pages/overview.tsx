// `/w/{slug}`: what needs a person, what to do first in a new workspace, what runs, how the instance is.

import { readAudit } from '#domain/audit/actions.ts'
import { readBackups } from '#domain/backups/actions.ts'
import type { RuleFilter } from '#domain/rules/list.ts'
import { listNeeds } from '#domain/health/overview.ts'
import { countInForce } from '#domain/rules/exclusions/ending.ts'
import { countListed } from '#domain/rules/reading.ts'
import { countOpened } from '#domain/changes/waiting.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { countAllMembers } from '#domain/access/members.ts'
import { can } from '#domain/access/permission.ts'
import { findSecondFactors, hasSecondFactor } from '#domain/access/factors.ts'
import { OverviewJobs, OverviewPage } from '#views/workspaces/overview-page.tsx'
import type { OverviewShown } from '#views/workspaces/overview.ts'
import { callerOf, instanceCaller, membershipOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { instanceState, loadRunningJobs } from '#http/frame.ts'
import { fragment, page, wantsOnly } from '#http/respond.tsx'

/** More than anybody has seen in one workspace; those beyond it are not counted. */
const TARGETS_LOOKED_AT = 500

export async function showOverview(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { house, face } = c.var
  const session = c.var.session!
  const { slug, name, role } = membershipOf(session, c.req.param('slug')!)
  const workspace = { slug, name }
  const jobs = await loadRunningJobs(c, caller)
  // Asked for at every change of a job: the rest is left alone.
  if (wantsOnly(c, 'overview-jobs')) {
    return fragment(c, <OverviewJobs shown={{ workspace, jobs }} />)
  }
  const mayAudit = can(caller, 'audit.read')
  const shown: OverviewShown = {
    workspace,
    role,
    isOwner: session.person.isOwner,
    hasSecondFactor: hasSecondFactor(await findSecondFactors(house, caller, session.userId)),
    memberCount: can(caller, 'member.read') ? await countAllMembers(house, caller) : undefined,
    isSecretApart: face.about.isSecretApart,
    lastBackupAt: await lastBackupOf(c),
    needs: await listNeeds(house, caller),
    exclusionCount: await countExclusions(house, caller),
    rules: await readRules(house, caller),
    targets: await readTargets(house, caller),
    changes: can(caller, 'change.read')
      ? { count: await countOpened(house, caller), mayWrite: can(caller, 'change.write') }
      : undefined,
    state: instanceState(c),
    jobs,
    audit: mayAudit ? await readAudit(house, caller, {}, { limit: 1 }) : null,
  }
  return page(c, { title: 'Overview' }, <OverviewPage shown={shown} />)
}

async function readRules(house: House, caller: Caller): Promise<OverviewShown['rules']> {
  if (!can(caller, 'rule.read')) return undefined
  const count = (filter: RuleFilter) => countListed(house, caller, filter)
  return {
    count: await count({}),
    active: await count({ state: ['active'] }),
    paused: await count({ state: ['paused'] }),
    broken: await count({ problems: 'errors' }),
    untested: await count({ tests: 'not_run' }),
    mayWrite: can(caller, 'rule.write'),
  }
}

async function countExclusions(house: House, caller: Caller): Promise<number | undefined> {
  if (!can(caller, 'exclusion.read')) return undefined
  return countInForce(house, caller)
}

async function readTargets(house: House, caller: Caller): Promise<OverviewShown['targets']> {
  if (!can(caller, 'target.read')) return undefined
  const { items } = await listTargets(house, caller, { limit: TARGETS_LOOKED_AT })
  const own = items.filter(({ target }) => target.kind !== 'local')
  return {
    count: own.length,
    unwell: own.filter(({ health }) => health.checkedAt !== null && health.state !== 'healthy')
      .length,
    mayWrite: can(caller, 'target.write'),
  }
}

// Backups are the instance's: only its owner hears of them, as a caller of the instance.
async function lastBackupOf(c: HttpContext): Promise<Instant | null | undefined> {
  const session = c.var.session!
  if (!session.person.isOwner) return undefined
  const [newest] = await readBackups(c.var.house, instanceCaller(c, session))
  return newest?.createdAt ?? null
}
