Feature: Broken

  Scenario: No keyword
    Given the shop is open
    # next line: feature-syntax
    Whenever somebody buys a pear
