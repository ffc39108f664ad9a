import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These have a command of their own: `npm run browser`.
    exclude: ['test/browser/**'],
    testTimeout: 60_000,
    // By default a machine of two processors gets one worker. Growth is measured in processor time, so two do no harm.
    maxWorkers: '100%',
  },
})
