"""The firms of a bank or a guarantee fund: who is at risk, what is to be lost, how it is concentrated, whom one lever would save."""
