// One member: what they may do, a flag that waits for a second admin, and the way out.

import type { Actor } from '#kernel/actor.ts'
import type { Member } from '#domain/access/members.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { ExactTime, Foreign } from '#views/parts/text.tsx'
import { Flags } from './members-page.tsx'
import { RoleFields, ROLE_WORDS, type RoleValues } from './role-fields.tsx'

export interface MemberShown {
  readonly member: Member
  /** `/w/acme/settings/members/usr_…`. */
  readonly path: string
  readonly workspaceName: string
  readonly isSelf: boolean
  /** An admin other than the one who asked, and not the person themselves. */
  readonly mayConfirm: boolean
  /** Who asked for the flag, by name where it is known. */
  readonly askedBy: string | null
  /** What the form shows. */
  readonly values: RoleValues
  /** Why it was not accepted. */
  readonly refusal: string | null
}

export const MemberPage = ({ shown }: { shown: MemberShown }) => {
  const { member } = shown
  return (
    <>
      <Head
        title={member.name}
        badge={<Flags member={member} />}
        meta={[<Foreign text={member.email ?? 'erased'} class="break" />]}
      />
      <div class="split">
        <div class="stack">
          {shown.refusal !== null && (
            <div role="alert">
              <Notice tone="warn" title="Not changed.">
                {shown.refusal}
              </Notice>
            </div>
          )}
          {member.approver === 'asked' && <ApproverAsked shown={shown} />}
          <Panel title="What they may do" id="role">
            <PanelBody>
              <form method="post" action={shown.path} class="stack">
                <RoleFields values={shown.values} />
                <div class="row">
                  <Button kind="primary">Save</Button>
                </div>
                <p class="muted small">
                  {shown.isSelf
                    ? 'This is you. A change signs you out, and holds when you come back.'
                    : 'A change signs them out everywhere, and holds when they come back.'}
                </p>
              </form>
            </PanelBody>
          </Panel>
        </div>
        <About shown={shown} />
      </div>
    </>
  )
}

const ApproverAsked = ({ shown }: { shown: MemberShown }) => (
  <Notice
    tone="warn"
    title="May sign changes once another admin confirms."
    actions={
      shown.mayConfirm && (
        <form method="post" action={`${shown.path}/approver`}>
          <Button icon="check">Confirm as approver</Button>
        </form>
      )
    }
  >
    Asked by{' '}
    {shown.askedBy === null ? <Asker actor={shown.member.approverAskedBy} /> : shown.askedBy}.
    {!shown.mayConfirm && ' Neither who asked nor the person themselves can confirm it.'}
  </Notice>
)

const Asker = ({ actor }: { actor: Actor | null }) => (
  <>{actor === null ? 'somebody' : describeActor(actor)}</>
)

const About = ({ shown: { member, path, workspaceName, isSelf } }: { shown: MemberShown }) => (
  <div class="stack">
    <Panel title="In this workspace" id="about">
      <PanelBody>
        <Facts
          facts={[
            ['Role', ROLE_WORDS[member.role][0]],
            ['Since', <ExactTime at={member.createdAt} />],
            ['Id', <span class="mono break">{member.userId}</span>],
          ]}
        />
      </PanelBody>
    </Panel>
    <div class="row">
      <LinkButton href={path.slice(0, path.lastIndexOf('/'))} icon="chevron-left">
        All members
      </LinkButton>
      <Confirm
        id="remove"
        opener="Remove"
        question={isSelf ? 'Leave this workspace?' : `Remove ${member.name} from ${workspaceName}?`}
        consequence="They are signed out and see nothing of this workspace any more. What they wrote, and their entries in the audit log, stay. They can be invited again."
        keep="Keep"
        verb="Remove"
        path={`${path}/removal`}
      />
    </div>
  </div>
)
