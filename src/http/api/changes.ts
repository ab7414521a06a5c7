// `/changes`: what is to become of which rules on which targets, and who says yes to it. Deploying is in
// deployments.ts.

import { z } from 'zod'
import {
  CHANGE_ACTIONS,
  CHANGE_ORIGINS,
  CHANGE_STATES,
  DECISIONS,
  type Change,
  type ChangeItem,
  type ChangeSignature,
  type ChangeWhole,
} from '#domain/changes/change.ts'
import {
  ChangeEditInput,
  ChangeListQuery,
  CommentInput,
  NewChangeInput,
  SignatureInput,
  WaiverInput,
} from '#domain/changes/input.ts'
import { relyingPartyOf } from '#http/passkeys.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { KIND_NAMES, type SiemKind } from '#kernel/siem.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { ProblemShape, problemShape } from './rules.ts'
import {
  accepted,
  idOf,
  instantOrNull,
  InstantText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
  UserIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start: compilers come with it. */
const actions = () => import('#domain/changes/actions.ts')
const signing = () => import('#domain/changes/sign.ts')

const ChangeIdText = idOf(ID_PREFIXES.change)
const TargetIdText = idOf(ID_PREFIXES.target)
const Body = z.record(z.string(), z.unknown())

const change = {
  id: ChangeIdText,
  title: z.string(),
  why: z.string(),
  state: z.enum(CHANGE_STATES),
  origin: z.enum(CHANGE_ORIGINS),
  author: UserIdText.nullable(),
  createdAt: InstantText,
  createdBy: z.string(),
  updatedAt: InstantText,
  submittedAt: InstantText.nullable(),
  expiresAt: InstantText.nullable(),
  /** Hex SHA-256 over all items: what is signed. */
  hash: z.string(),
  itemCount: z.int(),
  /** The change whose exclusions ended, for one that was opened at their end. */
  follows: ChangeIdText.nullable(),
  signaturesNeeded: z.int(),
  signatureCount: z.int(),
  version: z.int(),
}
const ChangeShape = z.strictObject(change).register(named, { id: 'Change' })
const ChangePage = pageShape(ChangeShape)
  .extend({ count: z.int() })
  .register(named, { id: 'ChangePage' })

const ItemShape = z
  .strictObject({
    number: z.int(),
    ruleId: RuleIdText,
    ruleTitle: z.string(),
    targetId: TargetIdText,
    targetName: z.string(),
    kind: z.enum(Object.keys(KIND_NAMES) as [SiemKind, ...SiemKind[]]),
    action: z.enum(CHANGE_ACTIONS),
    version: z.int().nullable(),
    body: Body.nullable(),
    bodyHash: z.string().nullable(),
    /** Deployed by itself when an exclusion in the body ends: signed with it. */
    switches: z.array(z.strictObject({ at: InstantText, body: Body, bodyHash: z.string() })),
    replaces: z
      .strictObject({
        ref: z.string(),
        version: z.int().nullable(),
        hash: z.string(),
        body: Body,
        isEnabled: z.boolean().nullable(),
      })
      .nullable(),
    inputs: z.record(z.string(), z.string()),
    problems: z.array(ProblemShape),
    waivers: z.array(z.strictObject({ code: z.string(), reason: z.string(), by: z.string() })),
  })
  .register(named, { id: 'ChangeItem' })

const signature = {
  userId: UserIdText,
  name: z.string(),
  decision: z.enum(DECISIONS),
  hash: z.string(),
  comment: z.string(),
  at: InstantText,
  voidedBecause: z.string().nullable(),
  isPasskey: z.boolean(),
}
const SignatureShape = z.strictObject(signature).register(named, { id: 'ChangeSignature' })
const CommentShape = z
  .strictObject({ number: z.int(), by: z.string(), text: z.string(), at: InstantText })
  .register(named, { id: 'ChangeComment' })

const WholeShape = z
  .strictObject({
    ...change,
    items: z.array(ItemShape),
    signatures: z.array(SignatureShape),
    comments: z.array(CommentShape),
    events: z.array(
      z.strictObject({
        number: z.int(),
        what: z.string(),
        reason: z.string(),
        by: z.string(),
        at: InstantText,
      }),
    ),
    whoMaySign: z.array(
      z.strictObject({ userId: UserIdText, name: z.string(), whyNot: z.string().nullable() }),
    ),
  })
  .register(named, { id: 'ChangeWhole' })

const ProofsShape = z
  .strictObject({
    signatures: z.array(
      z.strictObject({
        ...signature,
        isSound: z.boolean(),
        statement: z.string(),
        signature: z.string(),
        keySeq: z.int(),
        passkey: z
          .strictObject({
            origin: z.string(),
            relyingParty: z.string(),
            credentialId: z.string(),
            publicKey: z.string(),
            assertion: z.string(),
          })
          .nullable(),
      }),
    ),
  })
  .register(named, { id: 'ChangeSignatureProofs' })

const ChangePath = z.strictObject({ id: ChangeIdText })

const list = operation({
  method: 'GET',
  path: '/changes',
  name: 'listChanges',
  summary: 'Changes, newest first',
  about: '`state` may be `open`: not deployed yet and not given up. `count` is of the whole list.',
  permission: 'change.read',
  query: z.strictObject({ ...ChangeListQuery.shape, ...PAGE_QUERY }),
  answer: ChangePage,
  async run({ house, caller, query: { limit, cursor, ...wanted } }) {
    const page = await (await actions()).listChanges(house, caller, wanted, { limit, cursor })
    return { items: page.items.map(changeShape), next: page.next, count: page.count }
  },
})

const open = operation({
  method: 'POST',
  path: '/changes',
  name: 'openChange',
  summary: 'Open a change',
  about:
    'Everything is rendered at once: the complete body for each rule and target, what it replaces, and what is wrong with it. Without `action` a rule is added where it does not stand and changed where it does; without `version` the newest is meant. Items that would change nothing are left out.',
  permission: 'change.write',
  reach: 'named',
  body: NewChangeInput.register(accepted, { id: 'NewChange' }),
  status: 201,
  answer: ChangeShape,
  async run({ house, caller, body }) {
    const given = { ...body, origin: 'rules' } as const
    return changeShape(await (await actions()).openChange(house, caller, given))
  },
})

const get = operation({
  method: 'GET',
  path: '/changes/{id}',
  name: 'getChange',
  summary: 'A change with its items, signatures, discussion and history',
  about: '`whoMaySign` says of each person who holds the right why this one is not theirs to sign.',
  permission: 'change.read',
  params: ChangePath,
  answer: WholeShape,
  isVersioned: true,
  async run({ house, caller, params }) {
    return wholeShape(await (await actions()).getChange(house, caller, params.id))
  },
})

const edit = operation({
  method: 'PATCH',
  path: '/changes/{id}',
  name: 'editChange',
  summary: 'Edit a change',
  about:
    'It is rendered again. What was in review or approved is a draft again, without its signatures, when what it deploys is another thing now.',
  permission: 'change.write',
  reach: 'named',
  params: ChangePath,
  body: ChangeEditInput.register(accepted, { id: 'ChangeEdit' }),
  answer: ChangeShape,
  isVersioned: true,
  async run({ house, caller, params, body, expected }) {
    const given = { ...body, expected }
    return changeShape(await (await actions()).editChange(house, caller, params.id, given))
  },
})

const submit = operation({
  method: 'POST',
  path: '/changes/{id}/submit',
  name: 'submitChange',
  summary: 'Hand a change in',
  about:
    'It is rendered again and checked: every problem that stops it is named. Where review is off it is approved at once.',
  permission: 'change.write',
  reach: 'named',
  params: ChangePath,
  answer: ChangeShape,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    return changeShape(await (await actions()).submitChange(house, caller, params.id, { expected }))
  },
})

const refresh = operation({
  method: 'POST',
  path: '/changes/{id}/refresh',
  name: 'refreshChange',
  summary: 'Render a change again from what is there now',
  about:
    'Where anything is another thing than before, its signatures are void and it is a draft again.',
  permission: 'change.write',
  reach: 'named',
  params: ChangePath,
  answer: ChangeShape,
  async run({ house, caller, params }) {
    return changeShape(await (await actions()).refreshChange(house, caller, params.id))
  },
})

const withdraw = operation({
  method: 'POST',
  path: '/changes/{id}/withdraw',
  name: 'withdrawChange',
  summary: 'Give a change up',
  permission: 'change.write',
  reach: 'named',
  params: ChangePath,
  answer: ChangeShape,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    const gone = await (await actions()).withdrawChange(house, caller, params.id, { expected })
    return changeShape(gone)
  },
})

const sign = operation({
  method: 'POST',
  path: '/changes/{id}/signatures',
  name: 'signChange',
  summary: 'Approve, reject or send back',
  about:
    'Only where the policy lets personal tokens sign; else people do it in a browser. `hash` is that of the change as it was looked at. Nobody signs what they had a hand in.',
  permission: 'change.sign',
  reach: 'named',
  params: ChangePath,
  body: SignatureInput.register(accepted, { id: 'NewChangeSignature' }),
  answer: ChangeShape,
  async run({ house, caller, params, body: { assertion, ...given }, c }) {
    const answer =
      assertion === undefined ? undefined : { rp: relyingPartyOf(c), credential: assertion }
    const signed = { ...given, id: params.id, answer }
    return changeShape(await (await signing()).signChange(house, caller, signed))
  },
})

const proofs = operation({
  method: 'GET',
  path: '/changes/{id}/signatures',
  name: 'listChangeSignatures',
  summary: 'The signatures of a change, with all that proves them',
  about:
    '`statement` is what the key of the audit log signed, byte for byte; `passkey` holds the answer of a passkey whose challenge is the hash.',
  permission: 'change.read',
  params: ChangePath,
  answer: ProofsShape,
  async run({ house, caller, params }) {
    const found = await (
      await import('#domain/changes/proofs.ts')
    ).listSignatures(house, caller, params.id)
    return { signatures: found.map((one) => ({ ...one, at: formatInstant(one.at) })) }
  },
})

const waive = operation({
  method: 'POST',
  path: '/changes/{id}/waivers',
  name: 'waiveChangeProblem',
  summary: 'Let a problem of an item pass, with a reason',
  about: 'The waiver is part of what is signed.',
  permission: 'change.write',
  reach: 'named',
  params: ChangePath,
  body: WaiverInput.register(accepted, { id: 'NewChangeWaiver' }),
  answer: ChangeShape,
  async run({ house, caller, params, body }) {
    return changeShape(await (await actions()).waiveProblem(house, caller, params.id, body))
  },
})

const comment = operation({
  method: 'POST',
  path: '/changes/{id}/comments',
  name: 'commentChange',
  summary: 'Say something about a change',
  about: '`@` before the address of a member tells them.',
  permission: 'change.read',
  reach: 'named',
  params: ChangePath,
  body: CommentInput.register(accepted, { id: 'NewChangeComment' }),
  status: 201,
  answer: CommentShape,
  async run({ house, caller, params, body }) {
    const said = await (await actions()).addComment(house, caller, params.id, body)
    return { ...said, at: formatInstant(said.at) }
  },
})

function changeShape({ policy: _, ...one }: Change): z.input<typeof ChangeShape> {
  return {
    ...one,
    createdAt: formatInstant(one.createdAt),
    updatedAt: formatInstant(one.updatedAt),
    submittedAt: instantOrNull(one.submittedAt),
    expiresAt: instantOrNull(one.expiresAt),
  }
}

function itemShape(item: ChangeItem): z.input<typeof ItemShape> {
  const { number, ruleId, ruleTitle, targetId, targetName, kind, action, version } = item
  const { body, bodyHash, replaces, inputs, problems, waivers } = item
  return {
    number,
    ruleId,
    ruleTitle,
    targetId,
    targetName,
    kind,
    action,
    version,
    body,
    bodyHash,
    switches: item.switches.map((one) => ({ ...one, at: formatInstant(one.at) })),
    replaces,
    inputs,
    problems: problems.map(problemShape),
    waivers: [...waivers],
  }
}

function signatureShape(one: ChangeSignature): z.input<typeof SignatureShape> {
  const { userId, name, decision, hash, comment: words, at, voidedBecause, isPasskey } = one
  const when = formatInstant(at)
  return { userId, name, decision, hash, comment: words, at: when, voidedBecause, isPasskey }
}

function wholeShape(whole: ChangeWhole): z.input<typeof WholeShape> {
  return {
    ...changeShape(whole.change),
    items: whole.items.map(itemShape),
    signatures: whole.signatures.map(signatureShape),
    comments: whole.comments.map((one) => ({ ...one, at: formatInstant(one.at) })),
    events: whole.events.map((one) => ({ ...one, at: formatInstant(one.at) })),
    whoMaySign: [...whole.whoMaySign],
  }
}

export const CHANGE_OPERATIONS = [
  list,
  open,
  get,
  edit,
  submit,
  refresh,
  withdraw,
  sign,
  proofs,
  waive,
  comment,
]
