"""The story of one firm: its life in one draw, told under every policy in plain sentences.

A chronicle records the firm's steps, chapters turn them into sentences, and the telling puts them together.
"""

from simsme.story.telling import PolicyLife, Story, story_of, tell_story

__all__ = ["PolicyLife", "Story", "story_of", "tell_story"]
