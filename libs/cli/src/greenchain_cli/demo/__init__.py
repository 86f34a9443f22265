"""The main job on the embedded platform, told as a story: `greenchain demo`."""
