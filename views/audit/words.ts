// Acts of the audit log in words. An act without words here is shown by its name, so a new one is never
// hidden.

import type { AuditOutcome } from '#platform/audit/list.ts'

// What was done, and the same as an aim, for an act that was refused or failed.
const WORDS: Readonly<Record<string, readonly [done: string, aim: string]>> = {
  'approver.confirm': ['Confirmed an approver', 'confirm an approver'],
  'audit.epoch': ['Began a new part of the log after a break', 'begin a new part of the log'],
  'audit.erase': ['Erased personal data on request', 'erase personal data'],
  'audit.export': ['Exported the log', 'export the log'],
  'audit.read': ['Read the log', 'read the log'],
  'audit.retain': ['Removed entries past their time', 'remove entries past their time'],
  'audit.retention': ['Removed entries past their time', 'remove entries past their time'],
  'audit.verify': ['Verified the whole log', 'verify the whole log'],
  'backup.create': ['Made a backup', 'make a backup'],
  'backup.read': ['Looked at the backups', 'look at the backups'],
  'backup.remove': ['Removed an old backup', 'remove an old backup'],
  'backup.restore': ['Restored a backup', 'restore a backup'],
  'claim.accept': ['Claimed this instance', 'claim this instance'],
  'claim.open': ['Opened the instance to a first owner', 'open the instance to a first owner'],
  'clock.behind': ['The clock was set back: everybody was signed out', 'go on with the clock'],
  'database.check': ['Checked the database', 'check the database'],
  'instance.create': ['Made this instance', 'make this instance'],
  'instance.read': ['Looked at the instance', 'look at the instance'],
  'instance.release': ['Released the instance', 'release the instance'],
  'instance.restore': ['Came back from a backup', 'come back from a backup'],
  'invitation.accept': ['Accepted an invitation', 'accept an invitation'],
  'invitation.add': ['Invited somebody', 'invite somebody'],
  'invitation.resend': ['Made a new link for an invitation', 'make a new link for an invitation'],
  'invitation.revoke': ['Ended an invitation', 'end an invitation'],
  'job.cancel': ['Cancelled a job', 'cancel a job'],
  'job.read': ['Looked at a job', 'look at a job'],
  'member.add': ['Added a member', 'add a member'],
  'member.change': ['Changed a member’s role', 'change a member’s role'],
  'member.read': ['Looked at the members', 'look at the members'],
  'member.remove': ['Removed a member', 'remove a member'],
  'passkey.add': ['Added a passkey', 'add a passkey'],
  'passkey.remove': ['Removed a passkey', 'remove a passkey'],
  'password.change': ['Chose a new password', 'choose a new password'],
  'policy.change': ['Changed the policies', 'change the policies'],
  'policy.read': ['Looked at the policies', 'look at the policies'],
  'recovery.renew': ['Made new recovery codes', 'make new recovery codes'],
  'request.send': ['Answered requests', 'answer requests that came too fast'],
  'reset.ask': ['Asked for a link to a new password', 'ask for a link to a new password'],
  'reset.make': ['Made a link to a new password', 'make a link to a new password'],
  'rule.check': ['Checked rules', 'check rules'],
  'secret.open': ['Opened a stored secret', 'open a stored secret that was changed or moved'],
  'secret.rotate': ['Changed the master secret', 'change the master secret'],
  'session.end': ['Signed out', 'sign out'],
  'session.prove': ['Proved who they are', 'prove who they are'],
  'session.start': ['Signed in', 'sign in'],
  'token.add': ['Made an API token', 'make an API token'],
  'token.manage': ['Managed the tokens of others', 'manage the tokens of others'],
  'token.read': ['Looked at the tokens', 'look at the tokens'],
  'token.revoke': ['Revoked an API token', 'revoke an API token'],
  'token.use': ['Used a token', 'use a token'],
  'totp.add': ['Set up an authenticator app', 'set up an authenticator app'],
  'totp.remove': ['Removed an authenticator app', 'remove an authenticator app'],
  'user.add': ['Added a person', 'add a person'],
  'user.change': ['Changed a person', 'change a person'],
  'user.end_owner': ['Ended a person’s ownership', 'end a person’s ownership'],
  'user.erase': ['Erased a person', 'erase a person'],
  'user.export': ['Exported what is known of a person', 'export what is known of a person'],
  'user.make_owner': ['Made a person an owner', 'make a person an owner'],
  'user.read': ['Looked at the people', 'look at the people'],
  'user.reinstate': ['Let a person in again', 'let a person in again'],
  'user.remove_factors': ['Removed a person’s second factors', 'remove a person’s second factors'],
  'user.rename': ['Changed their name', 'change their name'],
  'user.suspend': ['Suspended a person', 'suspend a person'],
  'workspace.add': ['Added a workspace', 'add a workspace'],
  'workspace.drop_key': ['Dropped an old key', 'drop an old key'],
  'workspace.enter': ['Entered the workspace as an owner', 'enter the workspace as an owner'],
  'workspace.list': ['Looked at the workspaces', 'look at the workspaces'],
  'workspace.read': ['Looked at the workspace', 'look at the workspace'],
  'workspace.recover': ['Recovered the workspace as an owner', 'recover the workspace as an owner'],
  'workspace.rename': ['Renamed the workspace', 'rename the workspace'],
  'workspace.reopen': ['Opened the workspace again', 'open the workspace again'],
  'workspace.reseal': ['Sealed stored secrets again', 'seal stored secrets again'],
  'workspace.rotate_key': [
    'Made a new key for stored secrets',
    'make a new key for stored secrets',
  ],
  'workspace.suspend': ['Suspended the workspace', 'suspend the workspace'],
}

/** For the test that compares them with what is recorded. */
export const KNOWN_ACTS = Object.keys(WORDS)

export function describeAction(action: string, outcome: AuditOutcome): string {
  const [done, aim] = WORDS[action] ?? [action, action]
  if (outcome === 'refused') return `Refused: ${aim}`
  if (outcome === 'failed') return `Failed: ${aim}`
  return done
}
