// `rulewright user add EMAIL --workspace SLUG --role ROLE [--approver] [--auditor] [--owner]`
// The password comes on standard input: arguments can be read by everybody on the machine.
// `rulewright user reset EMAIL [--factors]`: the way back in for an owner whom no other owner can help.

import { addAccount, findUserId } from '#domain/access/actions.ts'
import { NewMember, NewUser } from '#domain/access/input.ts'
import { removeFactors } from '#domain/access/people.ts'
import { ROLES } from '#domain/access/permission.ts'
import { makeReset } from '#domain/access/resets.ts'
import { systemCaller } from '#domain/access/system.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import { formatInstant } from '#kernel/time.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { oneOf, parseInput } from './input.ts'
import { EXIT } from './shell.ts'

export const userAdd: HouseCommand = {
  name: 'user add',
  about: 'add somebody to a workspace; their password is read from standard input',
  runsIn: 'house',
  operands: ['EMAIL'],
  flags: {
    workspace: { value: 'SLUG', about: 'the workspace they join', isRequired: true },
    role: { value: 'ROLE', about: ROLES.join(', '), isRequired: true },
    name: { value: 'NAME', about: 'what people call them (default: what stands before the @)' },
    approver: { about: 'may sign changes, once another admin confirms' },
    auditor: { about: 'may read and export the audit log' },
    owner: { about: 'owns the install, and ends the link that claims it' },
  },
  async run({ shell, house, caller }, args) {
    const [email = ''] = args.operands
    const user = parseInput(NewUser, {
      email,
      name: textFlag(args, 'name') ?? email.split('@')[0],
      isOwner: args.flags['owner'] === true,
    })
    const member = NewMember.parse({
      role: oneOf('--role', textFlag(args, 'role')!, ROLES),
      isApprover: args.flags['approver'] === true,
      isAuditor: args.flags['auditor'] === true,
    })
    const { id, slug } = await getWorkspace(house, caller, textFlag(args, 'workspace')!)
    const password = withoutLineEnd(await shell.stdin())
    if (password === '') {
      throw new AppError('invalid', 'give the password on standard input: … < file, or a pipe')
    }
    const inside = { ...caller, scope: systemCaller(house, 'cli', undefined, id).scope }
    const added = await addAccount(house, inside, { user, password, member })
    shell.out(`added ${added.email} to ${slug} as ${member.role} (${added.id})`)
    return EXIT.fine
  },
}

export const userReset: HouseCommand = {
  name: 'user reset',
  about: 'make a link with which somebody chooses a new password; printed once',
  runsIn: 'house',
  operands: ['EMAIL'],
  flags: {
    factors: { about: 'also remove their second factors, for somebody who lost them' },
  },
  async run({ shell, house, caller }, args) {
    const email = args.operands[0]!.trim().toLowerCase()
    const userId = await findUserId(house, caller, email)
    if (!userId) throw new AppError('invalid', `nobody has the address ${email}`)
    if (args.flags['factors'] === true) await removeFactors(house, caller, userId)
    const { token, link } = await makeReset(house, caller, userId)
    const until = formatInstant(link.expiresAt)
    shell.err(`open this path at the address of the instance; good once, until ${until}`)
    shell.out(`/reset/${token}`)
    return EXIT.fine
  },
}

const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, '')
