/** A Redis of its own on loopback: it keeps nothing on disk, and is gone with the test. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

/** Whether there is a Redis to start. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

export interface Redis {
  readonly url: string
  stop(): Promise<void>
}

export async function startRedis(): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-redis-'))
  const port = await freePort()
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const output of [server.stdout, server.stderr]) {
    output.on('data', (text: Buffer) => {
      log += text.toString()
    })
  }
  const ended = new Promise<void>(resolve => {
    server.once('close', () => resolve())
  })
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt === 100 || server.exitCode !== null) {
      await stop()
      throw new Error(`redis-server does not start: ${log}`)
    }
    await wait(50)
  }
  return { url: `redis://127.0.0.1:${port}`, stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const settle = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', data => settle(data.toString() === '+PONG\r\n'))
    socket.once('error', () => settle(false))
    socket.setTimeout(1000, () => settle(false))
  })
}
