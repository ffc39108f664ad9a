/** A Dovecot of its own on loopback, with its files in a folder of its own, as whoever runs the tests. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

/** Version of the Dovecot that is installed; undefined where there is none that these tests can start. */
export function dovecotVersion(): string | undefined {
  const { status, stdout } = spawnSync('dovecot', ['--version'], { encoding: 'utf8' })
  // 2.4 has another configuration language.
  return status === 0 && /^2\.[23]\./.test(stdout) ? stdout.trim() : undefined
}

export interface Dovecot {
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

/** Dovecot gives no mailbox to root. */
const NOBODY = 65534

export async function startDovecot(): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-dovecot-'))
  const port = await freePort()
  const { uid, gid, username } = userInfo()
  const owner = uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid, gid }
  // Dovecot's own processes look for their sockets below it.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  mkdirSync(home)
  chownSync(home, owner.uid, owner.gid)
  const group = spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim()
  // Sockets go to users of Dovecot's own, which only root may do.
  const users =
    uid === 0
      ? []
      : [`default_internal_user = ${username}`, `default_login_user = ${username}`, `default_internal_group = ${group}`]
  const config = [
    `base_dir = ${folder}/run`,
    `state_dir = ${folder}/state`,
    'protocols = imap',
    'listen = 127.0.0.1',
    'ssl = no',
    'disable_plaintext_auth = no',
    'log_path = /dev/stderr',
    `mail_location = maildir:${home}/Maildir`,
    'first_valid_uid = 1',
    'first_valid_gid = 1',
    'passdb {\n driver = static\n args = password=secret\n}',
    `userdb {\n driver = static\n args = uid=${owner.uid} gid=${owner.gid} home=${home}\n}`,
    'namespace inbox {\n inbox = yes\n mailbox "Sent Items" {\n special_use = \\Sent\n auto = create\n }\n}',
    `service imap-login {\n chroot =\n inet_listener imap {\n port = ${port}\n }\n inet_listener imaps {\n port = 0\n }\n}`,
    'service anvil {\n chroot =\n}',
    'service stats {\n chroot =\n}',
    ...users,
  ]
  const path = join(folder, 'dovecot.conf')
  writeFileSync(path, `${config.join('\n')}\n`)
  const process = spawn('dovecot', ['-F', '-c', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  process.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const ended = new Promise<void>(resolve => {
    process.once('exit', () => resolve())
  })
  const stop = async (): Promise<void> => {
    process.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt === 100 || process.exitCode !== null) {
      await stop()
      throw new Error(`dovecot does not start: ${log}`)
    }
    await wait(50)
  }
  return { port, user: 'kari', password: 'secret', stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.setTimeout(1000, () => {
      socket.destroy()
      resolve(false)
    })
  })
}
