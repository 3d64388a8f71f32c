"""Everything that can be asked of the service, each checked against what the actor may do and see."""
