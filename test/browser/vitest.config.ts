import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Tests in a browser: `npm run browser`. They take as long as half of all others. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
  },
})

export default config
