// `make shots`: a contact sheet of every page in every state, 360 and 1280 px wide, light and dark.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
rmSync(join(here, 'shots'), { recursive: true, force: true });
const { status } = spawnSync('npx', ['playwright', 'test', '--config', 'shots.config.ts', ...process.argv.slice(2)], {
  cwd: here,
  stdio: 'inherit',
});
console.log(`${join(here, 'shots', 'sheet.png')}`);
process.exit(status ?? 1);
