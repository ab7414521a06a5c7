// Acts of the audit log in words. An act without words here is shown by its name, so a new one is never
// hidden.

import type { AuditOutcome } from '#platform/audit/list.ts'

// What was done, and the same as an aim, for an act that was refused or failed.
const WORDS: Readonly<Record<string, readonly [done: string, aim: string]>> = {
  'audit.epoch': ['Began a new part of the log after a break', 'begin a new part of the log'],
  'audit.erase': ['Erased personal data on request', 'erase personal data'],
  'audit.export': ['Exported the log', 'export the log'],
  'audit.read': ['Read the log', 'read the log'],
  'audit.retention': ['Removed entries past their time', 'remove entries past their time'],
  'audit.verify': ['Verified the whole log', 'verify the whole log'],
  'backup.create': ['Made a backup', 'make a backup'],
  'backup.restore': ['Restored a backup', 'restore a backup'],
  'instance.create': ['Made this instance', 'make this instance'],
  'instance.release': ['Released the instance', 'release the instance'],
  'job.cancel': ['Cancelled a job', 'cancel a job'],
  'job.read': ['Looked at a job', 'look at a job'],
  'request.send': ['Answered requests', 'answer requests that came too fast'],
  'secret.open': ['Opened a stored secret', 'open a stored secret that was changed or moved'],
  'secret.rotate': ['Changed the master secret', 'change the master secret'],
  'session.start': ['Signed in', 'sign in'],
  'session.end': ['Signed out', 'sign out'],
  'workspace.add': ['Added a workspace', 'add a workspace'],
  'workspace.drop_key': ['Dropped an old key', 'drop an old key'],
  'workspace.read': ['Looked at the workspace', 'look at the workspace'],
  'workspace.rotate_key': [
    'Made a new key for stored secrets',
    'make a new key for stored secrets',
  ],
}

export function describeAction(action: string, outcome: AuditOutcome): string {
  const [done, aim] = WORDS[action] ?? [action, action]
  if (outcome === 'refused') return `Refused: ${aim}`
  if (outcome === 'failed') return `Failed: ${aim}`
  return done
}
