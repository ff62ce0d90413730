"""Where one document of a stack ends and the next begins, by what its pages show. Pure.

`facts` tells what a page shows, `features` what two neighbouring pages say of the place between them, `proposal` weighs
that and proposes cuts.
"""
