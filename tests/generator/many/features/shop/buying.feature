Feature: Buying

  Scenario: A pear
    Given the shop is open
    When somebody buys a pear
    # next line: phrase-unknown
    Then the pear is mine
