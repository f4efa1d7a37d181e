"""The promoter's, the reviewer's and the desk's screens, one module per journey."""
